"""Dates that stay dates: arithmetic and series over them, where the engine would give moments."""

from sqlglot import exp

from lakeward.policies.admit.templates import EACH, filled

_COARSE = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})
_MADE_DATES = (exp.CurrentDate, exp.TsOrDsToDate, exp.Date, exp.LastDay, exp.TsOrDsAdd, exp.AddMonths)
_MADE_MOMENTS = (exp.CurrentTimestamp, exp.Localtimestamp)


def _is_date(node: exp.Expr) -> bool:
    """Whether a tree is a date by how it is written."""
    inner = node.unnest()
    return isinstance(inner, _MADE_DATES) or (isinstance(inner, exp.Cast) and inner.is_type("date"))


def _is_moment(node: exp.Expr) -> bool:
    inner = node.unnest()
    return isinstance(inner, _MADE_MOMENTS) or (
        isinstance(inner, exp.Cast) and inner.is_type("timestamp", "timestamptz", "timestampntz")
    )


def of_its_type(node: exp.Expr, like: exp.Expr) -> exp.Expr | None:
    """Return a moment as a date where what it was made of is one; None where that is a moment."""
    if _is_moment(like):
        return None
    if _is_date(like):
        return exp.cast(node.copy(), "date")
    return exp.Anonymous(this="cast_to_type", expressions=[node.copy(), like.copy()])


def moved(node: exp.Expr) -> exp.Expr | None:
    """`date + INTERVAL '1' MONTH` is a date; `date - date` is an interval."""
    first, second = node.this, node.expression
    if isinstance(node, exp.Sub) and _is_date(first) and _is_date(second):
        return exp.Sub(
            this=exp.cast(first.copy(), "timestamp"), expression=exp.cast(second.copy(), "timestamp")
        )
    for interval, other in ((second, first), (first, second)):
        if isinstance(interval, exp.Interval) and not isinstance(other.unnest(), exp.Interval):
            return of_its_type(node, other) if _unit(interval) in _COARSE else None
    return None


def _unit(interval: exp.Interval) -> str:
    unit = interval.args.get("unit")
    return unit.name.upper().removesuffix("S") if unit is not None else ""


def cut(node: exp.Expr) -> exp.Expr | None:
    """`date_trunc('month', date)` is a date."""
    return of_its_type(node, node.this)


def of_zoned(node: exp.Expr) -> None:
    """`EXTRACT(HOUR FROM CAST(x AS TIMESTAMPTZ))`: the printer wants it in brackets."""
    if isinstance(node.expression, exp.Cast):
        node.set("expression", exp.Paren(this=node.expression.copy()))


def series(node: exp.Expr) -> exp.Expr | None:
    """`sequence(a, b)`: of dates a day apart, of numbers down where `a` is the greater."""
    start, end, step = node.args["start"], node.args["end"], node.args.get("step")
    of_dates = _is_date(start) or _is_date(end)
    if step is None and of_dates:
        step = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="DAY"))
    if step is None:
        return None if _ascends(start, end) else _either_way(start, end)
    if not isinstance(step.unnest(), exp.Interval) or _is_moment(start):
        return None
    listed = exp.GenerateSeries(start=start.copy(), end=end.copy(), step=step.copy())
    body = "CAST(lakeward_each AS DATE)" if of_dates else "cast_to_type(lakeward_each, _start)"
    return filled(f"list_transform(_listed, lambda {EACH}: {body})", _listed=listed, _start=start)


def _ascends(start: exp.Expr, end: exp.Expr) -> bool:
    return start.is_int and end.is_int and int(str(start.to_py())) <= int(str(end.to_py()))


def _either_way(start: exp.Expr, end: exp.Expr) -> exp.Expr:
    return filled(
        "generate_series(_start, _end, CASE WHEN _start > _end THEN -1 ELSE 1 END)",
        _start=start,
        _end=end,
    )
