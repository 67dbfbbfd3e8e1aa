"""Conditions that compare a column of texts with constants: many of them become one CASE.

Texts are equal when their bytes are, so two constants that differ are never both equal to a cell, and the
first branch that matches is the only one that does. That is not so for other types: 1 and 1.0 are equal.
"""

from collections.abc import Mapping

from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.catalog.types import PrimitiveType


def text_columns(table: PinnedTable) -> frozenset[str]:
    """Return the names of a table's columns of texts."""
    return frozenset(each.name for each in table.columns if each.type == PrimitiveType("string"))


def texts_compared(condition: exp.Expr, names: frozenset[str]) -> tuple[str, tuple[str, ...]] | None:
    """Return column and texts of `column = text` or `column IN (text, …)`, for a column of `names`.

    None where the condition is anything else.
    """
    while isinstance(condition, exp.Paren):
        condition = condition.this
    column = condition.this if isinstance(condition, exp.EQ | exp.In) else None
    if not isinstance(column, exp.Column) or column.name not in names:
        return None
    values = _values(condition)
    if not values or not all(isinstance(each, exp.Literal) and each.is_string for each in values):
        return None
    return column.name, tuple(each.name for each in values)


def _values(condition: exp.Expr) -> list[exp.Expr]:
    if isinstance(condition, exp.EQ):
        return [condition.expression]
    others = {key for key, value in condition.args.items() if value} - {"this", "expressions"}
    return [] if others else list(condition.expressions)


def choose_by_text(column: exp.Expr, numbers: Mapping[str, int]) -> exp.Case:
    """Return the number that belongs to the text in `column`, 0 for any other text and for NULL."""
    texts: dict[int, list[exp.Expr]] = {}
    for text, number in numbers.items():
        texts.setdefault(number, []).append(exp.Literal.string(text))
    case = exp.Case(default=bigint(0))
    for number, each in texts.items():
        case = case.when(_is_one_of(column.copy(), each), bigint(number), copy=False)
    return case


def _is_one_of(column: exp.Expr, texts: list[exp.Expr]) -> exp.Expr:
    if len(texts) == 1:
        return exp.EQ(this=column, expression=texts[0])
    return exp.In(this=column, expressions=texts)


def bigint(value: int) -> exp.Expr:
    """Return a whole number that has its type whatever stands beside it."""
    return exp.cast(exp.Literal.number(value), "bigint", dialect="duckdb")
