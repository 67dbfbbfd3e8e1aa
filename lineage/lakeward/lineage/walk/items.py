"""The SELECT list: stars and COLUMNS(...) spelled out, each item with its name and its flows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from lakeward.lineage.flows import Flows, join, only_deciding
from lakeward.lineage.walk.expressions import flows
from lakeward.lineage.walk.scopes import Column, Scope, UnresolvedError


@dataclass(frozen=True, slots=True)
class Item:
    """One column of a SELECT's output."""

    name: str
    expression: exp.Expr
    value: Flows
    is_aggregate: bool = False

    @property
    def column(self) -> Column:
        """The column that this item gives."""
        return self.name, self.value

    def decided_by(self, rows: Flows) -> "Item":
        """Let what decides the rows decide this value: it was folded from them."""
        return replace(self, value=join(self.value, only_deciding(rows)))


def select_items(select: exp.Select, scope: Scope) -> Iterator[Item]:
    """Give the output columns of a SELECT, in order; the scope learns whether one is an aggregate.

    Raises:
        UnresolvedError: What a star or COLUMNS(...) stands for is not certain.
    """
    for expression in select.expressions:
        if expression.is_star and isinstance(expression, exp.Star | exp.Column):
            yield from _starred(expression, scope)
        elif (columns := expression.find(exp.Columns)) is not None:
            yield from _repeated(expression, columns, scope)
        else:
            yield _item(name_of(expression), expression, scope)


def name_of(expression: exp.Expr) -> str:
    """Give the name that a SELECT item was given; none for another value, whose text could hold a literal."""
    return expression.alias_or_name if isinstance(expression, exp.Alias | exp.Column | exp.Dot) else ""


def _item(name: str, expression: exp.Expr, scope: Scope) -> Item:
    before, scope.has_aggregate = scope.has_aggregate, False
    inner = expression.this if isinstance(expression, exp.Alias) else expression
    value = flows(inner, scope)
    item = Item(name, inner, value, scope.has_aggregate)
    scope.has_aggregate = before or scope.has_aggregate
    return item


def _starred(expression: exp.Expr, scope: Scope) -> Iterator[Item]:
    star = expression.this if isinstance(expression, exp.Column) else expression
    alias = expression.table if isinstance(expression, exp.Column) else None
    left_out = {each.name.casefold() for each in star.args.get("except_") or ()}
    replaced = {each.alias.casefold(): each.this for each in star.args.get("replace") or ()}
    renamed = {each.this.name.casefold(): each.alias for each in star.args.get("rename") or ()}
    for name, value in list(scope.everything(alias or None)):
        folded = name.casefold()
        if folded in left_out:
            continue
        if folded in replaced:
            yield _item(name, replaced[folded], scope)
        else:
            yield Item(renamed.get(folded, name), exp.column(name, table=alias or None), value)


def _repeated(expression: exp.Expr, columns: exp.Expr, scope: Scope) -> Iterator[Item]:
    """Give an item with COLUMNS(...) once for each column meant."""
    for name, value in [each for each in scope.everything() if _is_meant(columns.this, each[0])]:
        scope.each_column = value
        yield _item(name, expression, scope)
    scope.each_column = None


def _is_meant(pattern: exp.Expr, name: str) -> bool:
    if isinstance(pattern, exp.Star) and not any(pattern.args.values()):
        return True
    if isinstance(pattern, exp.Literal) and pattern.is_string:
        try:
            return re.search(pattern.name, name) is not None
        except re.error:
            raise UnresolvedError("a pattern of COLUMNS(...) that is not one") from None
    raise UnresolvedError("COLUMNS(...) of something computed")
