"""Templates of dates and numbers -> expressions of the engine; a part that is not known is refused.

PostgreSQL's are words (`YYYY`, `FMMonth`), Java's, which Spark and Trino's `format_datetime` take, runs
of one letter, MySQL's, which Trino's `date_format` takes, letters behind `%`. What strftime has a letter for
goes to it, the rest is computed and put between.
"""

import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import sqlglot
from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError

MOST_NODES: Final = 10_000
"""The largest tree that one form of a dialect may become."""

EACH: Final = "lakeward_each"
"""The one parameter of a lambda of ours: no column is called so."""

_WORDS: Mapping[str, str] = {
    "YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "DDD": "%j", "HH24": "%H", "HH12": "%I", "HH": "%I",
    "MI": "%M", "SS": "%S", "MS": "%g", "US": "%f", "AM": "%p", "PM": "%p", "IW": "%V", "IYYY": "%G",
    "ID": "%u", "Mon": "%b", "Dy": "%a",
}  # fmt: skip
_UNPADDED = {"%m": "%-m", "%d": "%-d", "%j": "%-j", "%H": "%-H", "%I": "%-I", "%M": "%-M", "%S": "%-S"}
_COMPUTED: Mapping[str, str] = {
    "MON": "upper(strftime(_x, '%b'))", "mon": "lower(strftime(_x, '%b'))",
    "DY": "upper(strftime(_x, '%a'))", "dy": "lower(strftime(_x, '%a'))",
    "Month": "rpad(strftime(_x, '%B'), 9, ' ')", "MONTH": "rpad(upper(strftime(_x, '%B')), 9, ' ')",
    "month": "rpad(lower(strftime(_x, '%B')), 9, ' ')", "Day": "rpad(strftime(_x, '%A'), 9, ' ')",
    "DAY": "rpad(upper(strftime(_x, '%A')), 9, ' ')", "day": "rpad(lower(strftime(_x, '%A')), 9, ' ')",
    "FMMONTH": "upper(strftime(_x, '%B'))", "FMmonth": "lower(strftime(_x, '%B'))",
    "FMDAY": "upper(strftime(_x, '%A'))", "FMday": "lower(strftime(_x, '%A'))",
    "am": "lower(strftime(_x, '%p'))", "pm": "lower(strftime(_x, '%p'))",
    "D": "CAST(dayofweek(_x) + 1 AS TEXT)", "Q": "CAST(quarter(_x) AS TEXT)",
    "W": "CAST((day(_x) - 1) // 7 + 1 AS TEXT)",
    "WW": "lpad(CAST((dayofyear(_x) - 1) // 7 + 1 AS TEXT), 2, '0')",
    "QQ": "'0' || CAST(quarter(_x) AS TEXT)", "QQQ": "'Q' || CAST(quarter(_x) AS TEXT)",
}  # fmt: skip
_FULL = {"FMMonth": "%B", "FMDay": "%A", "FMMon": "%b", "FMDy": "%a"}
_POSTGRES = re.compile(
    r'"(?P<quoted>[^"]*)"|(?P<word>(?:FM|TM(?=[MmDd][OoAaYy]))?(?:YYYY|IYYY|YY|Month|MONTH|month|Mon|MON|mon|MM|MI|MS|DDD|DD|Day|DAY|day'
    r"|Dy|DY|dy|HH24|HH12|HH|SS|US|AM|PM|am|pm|IW|ID|WW|W|Q|D)(?![A-Za-z]*TH\b))|(?P<letter>[A-Za-z\\])|(?P<other>.)",
    re.DOTALL,
)
_JAVA = re.compile(
    r"'(?P<quoted>[^']*)'|(?P<word>([A-Za-z])\3*)|(?P<letter>[\[\]{}#])|(?P<other>.)", re.DOTALL
)
_RUNS = {
    "yyyy": "%Y", "y": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d",
    "d": "%-d", "DDD": "%j", "D": "%-j", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M",
    "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g", "SSSSSS": "%f", "a": "%p", "E": "%a", "EE": "%a",
    "EEE": "%a", "EEEE": "%A",
}  # fmt: skip
_SPARKS_OWN = _RUNS | {"LLL": "%b", "LLLL": "%B", "q": "Q", "Q": "Q", "QQ": "QQ", "QQQ": "QQQ"}
_MYSQLS = re.compile(r"%(?P<word>[A-Za-z%])|(?P<letter>%)|(?P<other>[^%])|(?P<quoted>(?!))", re.DOTALL)
_MYSQLS_OWN = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I",
    "i": "%M", "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p",
    "S": "%S", "s": "%S", "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
_JODAS_OWN = _RUNS | {"Y": "%Y", "YYYY": "%Y", "e": "%u", "ww": "%V", "xxxx": "%G"}
_STYLES: Mapping[str, Mapping[str, str]] = {
    "spark": _SPARKS_OWN, "joda": _JODAS_OWN, "mysql": _MYSQLS_OWN,
}  # fmt: skip
_READ = {
    "Month": "%B", "MONTH": "%B", "month": "%B", "FMMONTH": "%B", "FMmonth": "%B", "MON": "%b", "mon": "%b",
    "am": "%p", "pm": "%p",
}  # fmt: skip
"""Parts that are computed to write them, and that strptime reads in any case of letters."""
_STRICT = frozenset({"%u", "%V", "%G", "%j", "%-j", "%A", "%a"})
"""What strptime does not read, or reads without heeding it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a format of strftime, or the name of a computed part."""

    text: str
    is_computed: bool = False


def written_date(subject: exp.Expr, template: str, style: str) -> exp.Expr:
    """Return the text of a date or time after a template.

    Raises:
        NotAdmittedError: The template holds what is not known here.
    """
    pieces: list[exp.Expr] = []
    run = ""
    for part in [*_parts(template, style), _Part("", is_computed=True)]:
        if not part.is_computed:
            run += part.text
            continue
        if run:
            pieces.append(exp.TimeToStr(this=subject.copy(), format=exp.Literal.string(run)))
        run = ""
        if part.text:
            pieces.append(computed_once(_COMPUTED[part.text], subject))
    if not pieces:
        return exp.Literal.string("")
    result = pieces[0]
    for each in pieces[1:]:
        result = exp.DPipe(this=result, expression=each)
    return exp.Paren(this=result) if len(pieces) > 1 else result


def read_date(subject: exp.Expr, template: str, style: str, *, function: str = "strptime") -> exp.Expr:
    """Return the time that a text says after a template.

    Raises:
        NotAdmittedError: The template holds what strptime cannot read alike.
    """
    parts = [
        _Part(_READ.get(each.text, each.text), is_computed=each.text not in _READ and each.is_computed)
        for each in _parts(template, style)
    ]
    codes = {code for part in parts for code in re.findall(r"%-?[A-Za-z]", part.text)}
    if any(part.is_computed for part in parts) or codes & _STRICT:
        raise NotAdmittedError("a template of a date with a part that cannot be read")
    return _call(function, subject, exp.Literal.string("".join(part.text for part in parts)))


def _parts(template: str, style: str) -> Iterator[_Part]:
    pattern = {"postgres": _POSTGRES, "mysql": _MYSQLS}.get(style, _JAVA)
    for found in pattern.finditer(template):
        if found["letter"] is not None:
            raise NotAdmittedError("a template of a date with a part that is not known")
        if (word := found["word"]) is not None:
            yield _word(word) if style == "postgres" else _run(word, style)
        else:
            literal = (
                found["other"] if found["quoted"] is None else found["quoted"] or "'" * (style != "postgres")
            )
            yield _Part(literal.replace("%", "%%"))


def _word(word: str) -> _Part:
    word = re.sub(r"\ATM", "FM", word)  # names in the language of the server, and not filled up
    if word in _FULL:
        return _Part(_FULL[word])
    if word in _COMPUTED:
        return _Part(word, is_computed=True)
    bare = word.removeprefix("FM")
    if (code := _WORDS.get(bare)) is not None:
        return _Part(code if bare == word else _UNPADDED.get(code, code))
    return _Part(bare, is_computed=True)


def _run(run: str, style: str) -> _Part:
    code = _STYLES[style].get(run)
    if code is None:
        raise NotAdmittedError("a pattern of a date with a part that is not known")
    return _Part(code, is_computed=not code.startswith("%"))


def filled(template: str, **arguments: exp.Expr) -> exp.Expr:
    """Read an expression of the engine and put arguments in the places of columns of their names.

    Raises:
        NotAdmittedError: It would be too large.
    """
    return put_in(_read(template), arguments)


def put_in(template: exp.Expr, arguments: Mapping[str, exp.Expr]) -> exp.Expr:
    """Return a template with arguments in the places of columns of their names.

    An argument may stand in several places: nested forms would double with each level, so there is a limit.

    Raises:
        NotAdmittedError: It would be too large.
    """
    tree = exp.Paren(this=template.copy())
    places = [each for each in tree.find_all(exp.Column) if each.name in arguments and not each.table]
    sizes = {name: _size(each) for name, each in arguments.items()}
    if sum(sizes[each.name] for each in places) > MOST_NODES:
        raise NotAdmittedError("forms of a dialect that are too large when put into the engine's words")
    for column in places:
        column.replace(arguments[column.name].copy())
    return tree


def computed_once(template: str, subject: exp.Expr) -> exp.Expr:
    """Return a template in which `_x` stands often, and what it stands for once."""
    if isinstance(subject, exp.Column | exp.Literal):
        return filled(template, _x=subject)
    body = filled(template, _x=exp.column(EACH))
    return filled(f"list_extract(list_transform([_x], lambda {EACH}: _body), 1)", _x=subject, _body=body)


def _size(node: exp.Expr) -> int:
    return sum(1 for _ in itertools.islice(node.walk(), MOST_NODES + 1))


@functools.lru_cache(maxsize=256)
def _read(template: str) -> exp.Expr:
    return sqlglot.parse_one(template, dialect="duckdb")


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[each.copy() for each in arguments])


_NUMBER = re.compile(r"(?P<fill>FM)?(?P<whole>[09][09,G]*)(?:[.D](?P<cents>[09]+))?(?P<tail>%?)\Z")
_GROUP = 3


def is_number_template(template: str) -> bool:
    """Whether a template is for numbers: it has places for digits."""
    return re.search(r"[09]", re.sub(r'"[^"]*"|HH24|HH12|FF\d', "", template)) is not None


def written_number(subject: exp.Expr, template: str) -> exp.Expr:
    """Return the text of a number after a template of nines and zeros, as PostgreSQL's `to_char` gives it.

    Raises:
        NotAdmittedError: The template holds anything else, or groups of other than three digits.
    """
    found = _NUMBER.match(template)
    if found is None or not _is_grouped(found["whole"]):
        raise NotAdmittedError("a template of a number that holds more than digits, a point and groups")
    whole = found["whole"].replace(",", "").replace("G", "")
    cents, is_filled = found["cents"] or "", found["fill"] is not None
    least = len(whole) - whole.index("0") if "0" in whole else 0
    rounded = _ROUNDED.format(digits=len(cents))
    digits = f"split_part(replace({rounded}, '-', ''), '.', 1)"
    shown = digits if least or not cents else f"CASE WHEN {digits} = '0' THEN '' ELSE {digits} END"
    shown = f"lpad({shown}, CAST(greatest({least}, len({shown})) AS INTEGER), '0')" if least else shown
    if re.search("[,G]", found["whole"]):
        grouped = rf"regexp_replace(reverse({shown}), '([0-9]{{3}})', '\1,', 'g')"
        shown = f"reverse(regexp_replace({grouped}, ',$', ''))"
    if cents:
        fraction = f"split_part({rounded}, '.', 2)"
        kept = cents.rindex("0") + 1 if "0" in cents else 0
        if is_filled and kept < len(cents):
            fraction = f"left({fraction}, {kept}) || rtrim(substr({fraction}, {kept + 1}), '0')"
        shown = f"{shown} || '.' || {fraction}"
        if is_filled and not kept and not least:
            shown = f"CASE WHEN {shown} = '.' THEN '0.' ELSE {shown} END"
    signed = f"CASE WHEN starts_with({rounded}, '-') THEN '-' ELSE '' END || {shown}"
    full = re.sub("[09]", "#", found["whole"].replace("G", ",")) + ("." + "#" * len(cents) if cents else "")
    body = f"CASE WHEN len({digits}) > {len(whole)} THEN '{full}' ELSE {signed} END"
    if not is_filled:
        body = f"lpad({body}, {len(full) + 1}, ' ')"
    return computed_once(f"{body} || '%'" if found["tail"] else body, subject)


_ROUNDED = (
    "CASE WHEN typeof(_x) IN ('DOUBLE', 'FLOAT') THEN printf('%.{digits}f', CAST(_x AS DOUBLE)) "
    "ELSE CAST(CAST(round(_x, {digits}) AS DECIMAL(38, {digits})) AS TEXT) END"
)


def _is_grouped(whole: str) -> bool:
    groups = re.split("[,G]", whole)
    return len(groups) == 1 or (bool(groups[0]) and all(len(each) == _GROUP for each in groups[1:]))
