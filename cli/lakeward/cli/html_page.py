"""A report as one HTML page that needs nothing else: no script, no font, no picture, no address."""

from collections.abc import Sequence
from html import escape

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#c9d1d9;--head:#eef1f4;
--bad:#a40e26;--warn:#7a4d00;--good:#0a5c2b}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0f1419;--line:#3b444d;--head:#1b2229;
--bad:#ff9492;--warn:#f0b72f;--good:#6bd68a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:2rem auto;
max-width:80rem;padding:0 1rem}
h1{font-size:1.5rem}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem}
caption{text-align:left;padding:.5rem 0}
th,td{border:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top;
overflow-wrap:break-word}
th{background:var(--head);position:sticky;top:0;overflow-wrap:normal}
td.number{text-align:right;font-variant-numeric:tabular-nums}
.bad,.warn,.good{white-space:nowrap}
.bad{color:var(--bad);font-weight:600}.warn{color:var(--warn);font-weight:600}.good{color:var(--good)}
@media print{body{margin:0;max-width:none}th{position:static}}
"""
_ALLOWED = "default-src 'none'; style-src 'unsafe-inline'"
_MARKS = {
    "remains": ("bad", "\u2716"), "over": ("bad", "\u2716"), "refused": ("bad", "\u2716"),
    "review": ("warn", "\u26a0"), "near": ("warn", "\u26a0"),
    "removed": ("good", "\u2714"), "below": ("good", "\u2714"), "no identifier": ("good", "\u2714"),
}  # fmt: skip


def html_page(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], notes: Sequence[str], at: str
) -> str:
    """Write a report as a page; whatever stands in it is text."""
    head = "".join(f'<th scope="col">{escape(each.replace("_", " "))}</th>' for each in columns)
    cells = ("".join(_cell(columns[i], cell) for i, cell in enumerate(row)) for row in rows)
    body = "\n".join(f"<tr>{each}</tr>" for each in cells)
    told = "".join(f"<li>{escape(each)}</li>" for each in notes)
    empty = "" if rows else "<p>Nothing to report.</p>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        f'<p>Written <time datetime="{escape(at)}">{escape(at)}</time>. {len(rows)} row(s).</p>{empty}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}"><table>'
        f"<caption>{escape(title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
        f"<h2>What to know</h2><ul>{told}</ul></main></body></html>\n"
    )


def _cell(column: str, value: object) -> str:
    text = "" if value is None else escape(str(value))
    if column == "status" and str(value) in _MARKS:
        kind, mark = _MARKS[str(value)]
        return f'<td class="{kind}"><span aria-hidden="true">{mark} </span>{text}</td>'
    return f'<td class="number">{text}</td>' if isinstance(value, int) else f"<td>{text}</td>"
