"""Forms of Spark that read, write, cut and compare dates and times."""

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.literals import literal_text
from lakeward.policies.admit.templates import filled, read_date, written_date

_DAYS = {"MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6, "SU": 7}


def _pattern(node: exp.Expr) -> str:
    pattern = literal_text(node.args.get("format"))
    if pattern is None:
        raise NotAdmittedError("a date with a computed pattern")
    return pattern


def written(node: exp.Expr) -> exp.Expr | None:
    """`date_format(x, 'yyyy-MM')`."""
    moment = node.this
    if isinstance(moment, exp.TimeStrToTime | exp.TsOrDsToTimestamp):
        moment = exp.cast(moment.this.copy(), "timestamp")  # so that a later rule sees of what type it is
    return written_date(moment, _pattern(node), "spark")


def written_seconds(node: exp.Expr) -> exp.Expr | None:
    """`from_unixtime(n, pattern)`."""
    moment = filled("CAST(to_timestamp(_x) AS TIMESTAMP)", _x=node.this)
    return written_date(moment, _pattern(node), "spark")


def read(node: exp.Expr) -> exp.Expr | None:
    """`to_date(x, pattern)` and `to_timestamp(x, pattern)`: NULL for what does not fit."""
    if node.args.get("format") is None:
        return None
    found = read_date(node.this, _pattern(node), "spark", function="try_strptime")
    return exp.cast(found, "date") if isinstance(node, exp.TsOrDsToDate) else found


def read_seconds(node: exp.Expr) -> exp.Expr | None:
    """`unix_timestamp(x)` of a time, `unix_timestamp(x, pattern)` of a text."""
    pattern = literal_text(node.args.get("format"))
    if pattern in {None, "yyyy-MM-dd HH:mm:ss"} and literal_text(node.this) is None:
        return filled("CAST(epoch(CAST(_x AS TIMESTAMP)) AS BIGINT)", _x=node.this)
    text = read_date(node.this, pattern or "yyyy-MM-dd HH:mm:ss", "spark", function="try_strptime")
    return filled("CAST(epoch(_x) AS BIGINT)", _x=text)


def next_day(node: exp.Expr) -> exp.Expr | None:
    """`next_day(x, 'Mon')`: the first such day after it."""
    day = _DAYS.get((literal_text(node.expression) or "")[:2].upper())
    if day is None:
        raise NotAdmittedError("`next_day` with a computed day")
    return filled(
        "CAST(CAST(_x AS DATE) + CAST((_day + 6 - isodow(CAST(_x AS DATE))) % 7 + 1 AS INTEGER) AS DATE)",
        _x=node.this, _day=exp.Literal.number(day),
    )  # fmt: skip


def months_between(node: exp.Expr) -> exp.Expr | None:
    """Whole months between the same days or last days of months, else parts of 31 days."""
    if node.args.get("roundoff"):
        raise NotAdmittedError("`months_between` without rounding")
    return filled(
        _MONTHS, _x=exp.cast(node.this.copy(), "timestamp"), _y=exp.cast(node.expression.copy(), "timestamp")
    )


_WHOLE_MONTHS = "((year(_x) - year(_y)) * 12 + month(_x) - month(_y))"
_MONTHS = (
    "CASE WHEN day(_x) = day(_y) OR (CAST(_x AS DATE) = last_day(_x) AND CAST(_y AS DATE) = last_day(_y)) "
    f"THEN CAST({_WHOLE_MONTHS} AS DOUBLE) ELSE round({_WHOLE_MONTHS} + (day(_x) - day(_y) + "
    "(epoch(_x - date_trunc('day', _x)) - epoch(_y - date_trunc('day', _y))) / 86400.0) / 31.0, 8) END"
)


_EXTRACTED = {
    "DOW_ISO": "isodow(_x)", "DAYOFWEEK_ISO": "isodow(_x)", "YEAROFWEEK": "isoyear(_x)",
    "SECOND": "microsecond(_x) / 1000000.0", "SECONDS": "microsecond(_x) / 1000000.0",
}  # fmt: skip


def day_of_week(node: exp.Expr) -> exp.Expr | None:
    """`extract(DOW …)` counts from Sunday as 1; ISO's from Monday."""
    word = node.this.name.upper()
    if word in {"DOW", "DAYOFWEEK"}:
        return filled("dayofweek(_x) + 1", _x=node.expression)
    if word in _EXTRACTED:
        return filled(_EXTRACTED[word], _x=node.expression)
    return None


def elapsed(node: exp.Expr) -> exp.Expr | None:
    """`timestampdiff(MONTH, a, b)`: whole ones that have passed, not boundaries crossed."""
    unit = node.args.get("unit")
    if unit is None or (isinstance(node, exp.DateDiff) and unit.name.upper() in {"DAY", "DAYS"}):
        return None
    start, end = _undated(node.expression), _undated(node.this)
    if (months := _MONTHS_IN.get(unit.name.upper().removesuffix("S"))) is not None:
        return filled(_WHOLE_PASSED, _x=_moment(start), _y=_moment(end), _n=exp.Literal.number(months))
    word = exp.Literal.string(unit.name.lower())
    return filled(
        "date_sub(_unit, CAST(_start AS TIMESTAMP), CAST(_end AS TIMESTAMP))",
        _unit=word,
        _start=start,
        _end=end,
    )


_MONTHS_IN = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_DAY_OF_END = (
    "CAST(CASE WHEN _y >= _x THEN _y - (_x - date_trunc('day', _x)) "
    "ELSE _y - (_x - date_trunc('day', _x)) + INTERVAL '1 day' - INTERVAL '1 microsecond' END AS DATE)"
)
_WHOLE_PASSED = (
    f"CAST(trunc(((year({_DAY_OF_END}) * 12 + month({_DAY_OF_END})) * 32 + day({_DAY_OF_END}) "
    "- (year(_x) * 12 + month(_x)) * 32 - day(_x)) / 32.0) AS BIGINT) // _n"
)
"""From the 31st to the last day of a shorter month, no month has passed, which the engine would count."""


def _moment(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "timestamp")


def _undated(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.TsOrDsToDate) and not node.args.get("format") else node


def of_text(node: exp.Expr) -> None:
    """`last_day('2024-02-10')`: a text there is a time."""
    if literal_text(node.this) is not None:
        node.set("this", _moment(node.this))
