"""Tables for people: drawn by rich on a terminal, plain aligned text elsewhere.

Rows are taken a page at a time: a long answer starts to show before it has ended, and is never held whole.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import TextIO

from lakeward.cli.cells import as_text, printable

_PAGE = 1000  # rows; the widths of the first page hold for all
_GAP = "  "


def write_rows(sink: TextIO, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table with a header."""
    pages = _pages(rows)
    if _is_drawn(sink):
        _draw(sink, title, columns, pages)
    else:
        _align(sink, columns, pages)


def write_record(sink: TextIO, record: Mapping[str, object]) -> None:
    """Write `name  value`, one line to each field."""
    width = max((len(name) for name in record), default=0)
    sink.writelines(
        f"{name.ljust(width)}{_GAP}{shown(value)}".rstrip() + "\n" for name, value in record.items()
    )


def shown(value: object) -> str:
    """Give a cell as people read it: NULL by name, a list with commas, nothing a terminal would obey."""
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return printable(", ".join(value))
    return printable(as_text(value))


def _is_drawn(sink: TextIO) -> bool:
    return sink.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _pages(rows: Iterable[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    stream = iter(rows)
    yield list(islice(stream, _PAGE))  # the first may be empty: it carries the header
    while page := list(islice(stream, _PAGE)):
        yield page


def _numeric(page: Sequence[Sequence[object]], index: int) -> bool:
    cells = [row[index] for row in page if row[index] is not None]
    return bool(cells) and all(isinstance(cell, int | float | Decimal) for cell in cells)


def _align(sink: TextIO, columns: Sequence[str], pages: Iterator[list[Sequence[object]]]) -> None:
    first = next(pages)
    texts = [[shown(cell) for cell in row] for row in first]
    right = [_numeric(first, index) for index in range(len(columns))]
    widths = [
        max(map(len, column)) for column in zip([printable(name) for name in columns], *texts, strict=True)
    ]

    def line(cells: Iterable[str]) -> str:
        padded = (
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, numeric in zip(cells, widths, right, strict=True)
        )
        return _GAP.join(padded).rstrip() + "\n"

    sink.write(line(printable(name) for name in columns))
    sink.writelines(line(row) for row in texts)
    for page in pages:
        sink.writelines(line(shown(cell) for cell in row) for row in page)


def _draw(sink: TextIO, title: str, columns: Sequence[str], pages: Iterator[list[Sequence[object]]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sink)
    for page in pages:
        table = Table(title=Text(title), box=box.SIMPLE_HEAD, title_justify="left")
        for index, name in enumerate(columns):
            justify = "right" if _numeric(page, index) else "left"
            table.add_column(Text(printable(name)), justify=justify, overflow="fold")  # type: ignore[arg-type]
        for row in page:
            table.add_row(*(Text(shown(cell), style="dim" if cell is None else "") for cell in row))
        console.print(table)
