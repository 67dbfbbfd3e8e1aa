"""The SQL of a rule: counts over the table `t`, with NULL spoken of each time.

A predicate says what a good value is. Its value for a NULL is never used: `violations` counts the rows
whose value is not NULL and not good, where "cannot be compared" (a failed cast) is not good.
"""

from collections.abc import Sequence

from sqlglot import exp

from lakeward.contracts.literals import double
from lakeward.contracts.rules import Bound

TABLE = "t"


def column(path: Sequence[str]) -> exp.Expr:
    """Give the column, or the field inside it, that the path leads to."""
    head: exp.Expr = exp.column(path[0], table=TABLE, quoted=True)
    for name in path[1:]:
        head = exp.func("struct_extract", head, exp.Literal.string(name), dialect="duckdb")
    return head


def rows() -> exp.Expr:
    """Count all rows."""
    return exp.Count(this=exp.Star(), big_int=True)


def rows_where(condition: exp.Expr) -> exp.Expr:
    """Count the rows for which the condition is true; unknown is not true."""
    return exp.Filter(this=rows(), expression=exp.Where(this=condition))


def is_null(value: exp.Expr) -> exp.Expr:
    """Say that the value is NULL."""
    return exp.Is(this=value.copy(), expression=exp.Null())


def is_not_null(value: exp.Expr) -> exp.Expr:
    """Say that the value is not NULL."""
    return exp.Not(this=is_null(value))


def violations(value: exp.Expr, good: exp.Expr) -> exp.Expr:
    """Count the rows whose value is not NULL and not good."""
    known = exp.Coalesce(this=good, expressions=[exp.Boolean(this=False)])
    return rows_where(exp.and_(is_not_null(value), exp.Not(this=known), copy=False))


def nulls(value: exp.Expr) -> exp.Expr:
    """Count the rows whose value is NULL."""
    return rows_where(is_null(value))


def duplicates(values: Sequence[exp.Expr]) -> exp.Expr:
    """Count the rows that repeat an earlier row's values; a row with a NULL among them repeats nothing."""
    complete = exp.and_(*(is_not_null(value) for value in values), copy=False)
    one = values[0].copy() if len(values) == 1 else exp.Tuple(expressions=[v.copy() for v in values])
    distinct = exp.Count(this=exp.Distinct(expressions=[one]), big_int=True)
    filtered = (
        distinct if len(values) == 1 else exp.Filter(this=distinct, expression=exp.Where(this=complete))
    )
    return exp.Sub(this=rows_where(complete.copy()), expression=filtered)


def among(value: exp.Expr, allowed: Sequence[exp.Expr]) -> exp.Expr:
    """Say that the value is one of these; one of none is false."""
    if not allowed:
        return exp.Boolean(this=False)
    return exp.In(this=value.copy(), expressions=[each.copy() for each in allowed])


def broken(value: exp.Expr, bound: Bound) -> exp.Expr:
    """Judge an aggregate in the engine, where it stays: 0 inside the bound, 1 outside, NULL unknown."""
    number = exp.TryCast(this=value, to=exp.DataType.build("DOUBLE"))
    parts: list[exp.Expr] = [exp.Not(this=exp.IsNan(this=number.copy()))]
    if bound.low is not None:
        above = exp.GT if bound.open_low else exp.GTE
        parts.append(above(this=number.copy(), expression=double(bound.low)))
    if bound.high is not None:
        below = exp.LT if bound.open_high else exp.LTE
        parts.append(below(this=number.copy(), expression=double(bound.high)))
    inside = exp.and_(*parts, copy=False)
    good, bad = (1, 0) if bound.outside else (0, 1)
    case = exp.Case().when(is_null(number), exp.Null())
    return case.when(inside, exp.Literal.number(good)).else_(exp.Literal.number(bad))
