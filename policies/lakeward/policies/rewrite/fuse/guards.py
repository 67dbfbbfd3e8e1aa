"""`date_trunc('week', moment)` -> the same of a moment that surely has a week, where one might have none.

A file can hold moments before the first that the calendar has, and the first ones have no beginning of their
month in it: the engine fails over such a cell. They become the infinite moment before all others, of which
the beginning is itself, and which is written `-infinity`. GREATEST stands there so that neither the order in
which the engine evaluates the branches nor what it knows of a file's bounds can bring it to such a moment.
"""

from sqlglot import exp

FIRST_MOMENT = "290309-12-22 (BC)"
FIRST_MONTH = "290308-01-01 (BC)"
LAST_DAY = "294247-01-10"
"""The beginning of a later day is no moment, but that of its month, quarter or year may be."""
LAST_DAYS = {"MONTH": "294247-01-31", "QUARTER": "294247-03-31", "YEAR": "294247-12-31"}


def guard(node: exp.Column, *, first: str, last: str | None = None) -> exp.Case:
    """Put into a column's place what is the same within the calendar, and infinite outside of it.

    Args:
        node: A column of moments, or of days if there is a last one.
        first: The first of them that has what it is asked for.
        last: The last one.
    """
    type_ = exp.DType.DATE if last else exp.DType.TIMESTAMP
    low, high = _constant(first, type_), _constant(last or "infinity", type_)
    inside: exp.Expr = exp.Greatest(this=node.copy(), expressions=[low.copy()], ignore_nulls=True)
    if last:
        inside = exp.Least(this=inside, expressions=[high.copy()], ignore_nulls=True)
    tests = (
        (exp.Between(this=node.copy(), low=low.copy(), high=high.copy()), inside),
        (exp.LT(this=node.copy(), expression=low), _constant("-infinity", type_)),
        (exp.GT(this=node.copy(), expression=high), _constant("infinity", type_)),
    )
    case = exp.Case(ifs=[exp.If(this=test, true=value) for test, value in tests])
    node.replace(case)
    return case


def _constant(text: str, type_: exp.DType) -> exp.Expr:
    return exp.cast(exp.Literal.string(text), type_)
