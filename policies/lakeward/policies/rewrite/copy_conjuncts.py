"""Conjuncts of the user's WHERE that may also stand below, so that the reader reads less.

Only `column op literal` and its like, of one type, over a column that every grant shows in clear: such a
predicate cannot throw and sees nothing that the user may not see. And only where it surely applies to every
use of the table: the table is read once, in a plain SELECT whose joins are inner.
"""

from collections.abc import Mapping

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.catalog.types import PrimitiveType
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.masks import CLEAR
from lakeward.policies.rewrite.governed_relation import RAW
from lakeward.policies.rewrite.resolve import TableReference
from lakeward.policies.rewrite.scan import column

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_NUMBERS = frozenset({"int", "long", "float", "double", "decimal"})
_INNER_JOINS = frozenset({"", "INNER", "CROSS"})


def copy_conjuncts(
    references: tuple[TableReference, ...],
    restrictions: Mapping[TableName, ReadRestrictions],
) -> dict[TableName, tuple[exp.Expr, ...]]:
    """Return, for each table that allows it, the copied conjuncts over its raw rows."""
    copied = {}
    for reference in references:
        alone = sum(other.name == reference.name for other in references) == 1
        select = reference.node.find_ancestor(exp.Select)
        if alone and isinstance(select, exp.Select) and _is_plain(select, reference.node):
            clear = _clear_columns(restrictions[reference.name])
            copied[reference.name] = tuple(_conjuncts(select, reference, clear))
    return copied


def _is_plain(select: exp.Select, node: exp.Table) -> bool:
    """Whether `node` stands in the FROM or an inner join of `select`, with nothing in between."""
    relations = [select.args["from_"], *(select.args.get("joins") or ())]
    if not any(relation.this is node for relation in relations):
        return False
    kinds = {str(join.args.get(part) or "") for join in relations[1:] for part in ("side", "kind", "method")}
    plain_node = not any(node.args.get(part) for part in ("joins", "pivots", "laterals"))
    return plain_node and kinds <= _INNER_JOINS and not select.args.get("laterals")


def _clear_columns(restrictions: ReadRestrictions) -> dict[str, PinnedColumn]:
    return {
        each.name.casefold(): each
        for each in restrictions.visible_columns
        if all(grant.masks.get(each.field.field_id) == CLEAR for grant in restrictions.grants)
    }


def _conjuncts(
    select: exp.Select, reference: TableReference, clear: Mapping[str, PinnedColumn]
) -> list[exp.Expr]:
    where = select.args.get("where")
    if where is None:
        return []
    alone = len(select.args.get("joins") or ()) == 0
    known_as = reference.node.alias_or_name.casefold()
    found = []
    for conjunct in exp.and_(where.this).flatten() if isinstance(where.this, exp.And) else [where.this]:
        test = conjunct.unnest()
        found += [copied for copied in [_copy(test, known_as, clear, bare=alone)] if copied is not None]
    return found


def _copy(test: exp.Expr, known_as: str, clear: Mapping[str, PinnedColumn], *, bare: bool) -> exp.Expr | None:
    """Return `test` over the raw rows, or None where it is not of the plain kind."""
    subject = test.this if isinstance(test, (*_COMPARISONS, exp.Between, exp.In)) else None
    if type(subject) is not exp.Column or len(subject.parts) > 2:  # noqa: PLR2004 - table.column
        return None
    if subject.table.casefold() != known_as and not (bare and not subject.table):
        return None
    pinned = clear.get(subject.name.casefold())
    if pinned is None or not _has_only_literals(test, pinned):
        return None
    copied = test.copy()
    copied.set("this", column(pinned.name, RAW))
    return copied


def _has_only_literals(test: exp.Expr, pinned: PinnedColumn) -> bool:
    match test:
        case exp.Between():
            literals = [test.args["low"], test.args["high"]]
        case exp.In():
            literals = test.expressions
            if not literals or any(
                value for key, value in test.args.items() if key not in {"this", "expressions"}
            ):
                return False
        case _:
            literals = [test.expression]
    return all(_fits(each, pinned) for each in literals)


def _fits(literal: exp.Expr, pinned: PinnedColumn) -> bool:
    type_ = pinned.type
    if not isinstance(type_, PrimitiveType):
        return False
    if isinstance(literal, exp.Neg):
        literal = literal.this
        return type_.name in _NUMBERS and isinstance(literal, exp.Literal) and not literal.is_string
    if type(literal) is not exp.Literal:
        return False
    return type_.name == "string" if literal.is_string else type_.name in _NUMBERS
