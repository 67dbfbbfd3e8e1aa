"""`a.day > b.day + 5` -> how many days lie between the two, which no day is too late for.

A day plus a number leaves the calendar near its ends, and fails. How many days lie between two can always be
told, but for infinite ones: those are before or behind any other, however far it is moved, and like each
other.
"""

from sqlglot import exp

_UNITS = {"DAY": 1, "WEEK": 7}
_MOST_DIGITS = 5
_FAR = 10**11
"""More days than lie between any two."""


def moved_day(node: exp.Expr) -> tuple[exp.Column, int] | None:
    """Return the column and the days by which `day + 5` or `day - INTERVAL 5 DAY` moves it."""
    node = node.unnest()
    if not isinstance(node, exp.Add | exp.Sub) or not isinstance(node.this, exp.Column):
        return None
    count, unit = node.expression, 1
    if isinstance(count, exp.Interval):
        unit = _UNITS.get(str(count.args.get("unit") or "").upper().removesuffix("S"), 0)
        count = count.this
    is_count = isinstance(count, exp.Literal) and count.name.isdecimal() and len(count.name) <= _MOST_DIGITS
    if not is_count or not unit:
        return None
    return node.this, int(count.name) * unit * (-1 if isinstance(node, exp.Sub) else 1)


def days_between(later: exp.Column, earlier: exp.Column, moved: int) -> exp.Expr:
    """How many days a day is after another; of infinite ones, what compares with `moved` alike."""
    unit = exp.Var(this="DAY")
    days = exp.DateDiff(this=later.copy(), expression=earlier.copy(), unit=unit, date_part_boundary=True)
    orders = ((exp.GT, _FAR), (exp.LT, -_FAR), (exp.EQ, moved))
    cases = [
        exp.If(this=order(this=later.copy(), expression=earlier.copy()), true=_number(number))
        for order, number in orders
    ]
    return exp.Coalesce(this=days, expressions=[exp.Case(ifs=cases)])


def compare_days(node: exp.Expr, key: str, moved: tuple[exp.Column, int]) -> None:
    """Rewrite a comparison in place, one side of which, `key`, is a moved day and the other a day."""
    earlier, count = moved
    other = "expression" if key == "this" else "this"
    node.set(other, days_between(node.args[other].unnest(), earlier, count))
    node.set(key, _number(count))


def _number(number: int) -> exp.Expr:
    literal = exp.Literal.number(abs(number))
    return exp.Neg(this=literal) if number < 0 else literal
