"""`DATE '1998-12-01' - INTERVAL 90 DAY` beside a comparison -> the date that it is.

A date plus an interval is a timestamp to the engine, and comparing a date column with it would cast the
column, which can fail for a date far outside the calendar. A date compares the same and casts nothing.
"""

import calendar
import datetime as dt

from sqlglot import exp

from lakeward.policies.rewrite.fuse.kinds import is_date

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
_MONTHS = {"MONTH": 1, "YEAR": 12, "QUARTER": 3}
_DAYS = {"DAY": 1, "WEEK": 7}
_MAX_STEP = 100_000


def fold_dates(tree: exp.Expr) -> None:
    """Fold such constants in place, wherever they are an operand of a comparison."""
    for comparison in list(tree.find_all(*_COMPARISONS)):
        for key in ("this", "expression", "low", "high"):
            operand = comparison.args.get(key)
            if isinstance(operand, exp.Expr) and (date := _date_of(operand)) is not None:
                comparison.set(key, exp.cast(exp.Literal.string(date.isoformat()), exp.DType.DATE))


def _date_of(node: exp.Expr) -> dt.date | None:
    node = node.unnest()
    if isinstance(node, exp.Cast) and node.to.this is exp.DType.DATE:
        if not isinstance(node.this, exp.Literal):
            return _date_of(node.this)
        return dt.date.fromisoformat(node.this.name) if is_date(node.this.name) else None
    if isinstance(node, exp.Add | exp.Sub) and isinstance(node.expression.unnest(), exp.Interval):
        date = _date_of(node.this)
        return (
            None
            if date is None
            else _moved(date, node.expression.unnest(), -1 if isinstance(node, exp.Sub) else 1)
        )
    return None


def _moved(date: dt.date, interval: exp.Expr, sign: int) -> dt.date | None:
    count, unit = interval.this, str(interval.args.get("unit") or "").upper().removesuffix("S")
    if not isinstance(count, exp.Literal) or not count.name.isdigit() or int(count.name) > _MAX_STEP:
        return None
    steps = sign * int(count.name)
    try:
        if unit in _DAYS:
            return date + dt.timedelta(days=steps * _DAYS[unit])
        return _months_later(date, steps * _MONTHS[unit]) if unit in _MONTHS else None
    except (OverflowError, ValueError):
        return None


def _months_later(date: dt.date, months: int) -> dt.date:
    """Move by months as SQL does: to the last day of a shorter month."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return date.replace(
        year=year, month=month + 1, day=min(date.day, calendar.monthrange(year, month + 1)[1])
    )
