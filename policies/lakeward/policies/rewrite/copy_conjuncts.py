"""Conjuncts of the user's WHERE that may also stand below, so that the reader reads less.

Only what is proven unable to throw, over columns that every grant shows in clear: such a predicate sees
nothing that the user may not see. And only where it surely applies to every use of the table: the table is
read once, in the FROM or an inner join of a SELECT.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.masks import CLEAR
from lakeward.policies.rewrite.fuse.ask_engine import Bind, empty_relation, require_harmless_plan
from lakeward.policies.rewrite.fuse.fold_dates import fold_dates
from lakeward.policies.rewrite.fuse.kinds import NotProvenError, value_of
from lakeward.policies.rewrite.fuse.prove import Prover
from lakeward.policies.rewrite.fuse.scope import Relation
from lakeward.policies.rewrite.governed_relation import RAW
from lakeward.policies.rewrite.resolve import TableReference

_INNER_JOINS = frozenset({"", "INNER", "CROSS"})
Restrictions = Mapping[TableName, ReadRestrictions]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Target:
    """The columns that a conjunct may name: by folded name, with the qualifier, and those that need none."""

    known_as: str
    clear: Mapping[str, PinnedColumn]
    bare: frozenset[str]


def copy_conjuncts(
    references: tuple[TableReference, ...], restrictions: Restrictions, bind: Bind
) -> dict[TableName, tuple[exp.Expr, ...]]:
    """Return, for each table that allows it, the copied conjuncts over its raw rows.

    They are evaluated on hidden rows, so the engine is asked too how it would.
    """
    copied = {}
    times = Counter(each.name for each in references)
    for reference in (each for each in references if times[each.name] == 1):
        select = reference.node.find_ancestor(exp.Select)
        if isinstance(select, exp.Select) and _is_plain(select, reference.node):
            target = _target(reference, select, references, restrictions)
            copied[reference.name] = _harmless(tuple(_conjuncts(select, target)), target, bind)
    return copied


def _harmless(conjuncts: tuple[exp.Expr, ...], target: _Target, bind: Bind) -> tuple[exp.Expr, ...]:
    """Return them all, or none where the engine would put in a cast that may fail."""
    if not conjuncts:
        return ()
    raw = exp.Subquery(
        this=empty_relation(tuple(target.clear.values())), alias=exp.to_identifier(RAW, quoted=True)
    )
    try:
        require_harmless_plan(exp.select("1").from_(raw).where(*conjuncts), bind)
    except NotProvenError:
        return ()
    return conjuncts


def _is_plain(select: exp.Select, node: exp.Table) -> bool:
    """Whether `node` stands in the FROM or an inner join of `select`, with nothing in between."""
    relations = _relations(select)
    if not any(relation.this is node for relation in relations):
        return False
    kinds = {str(join.args.get(part) or "") for join in relations[1:] for part in ("side", "kind", "method")}
    plain_node = not any(node.args.get(part) for part in ("joins", "pivots", "laterals"))
    return plain_node and kinds <= _INNER_JOINS and not select.args.get("laterals")


def _relations(select: exp.Select) -> list[exp.Expr]:
    return [select.args["from_"], *(select.args.get("joins") or ())]


def _target(
    reference: TableReference,
    select: exp.Select,
    references: tuple[TableReference, ...],
    restrictions: Restrictions,
) -> _Target:
    mine = restrictions[reference.name]
    clear = {each.name.casefold(): each for each in mine.visible_columns if _is_clear(each, mine)}
    names = {id(each.node): each.name for each in references}
    others = [names.get(id(relation.this)) for relation in _relations(select)]
    if None in others:
        bare: set[str] = set()  # a relation whose columns are not known may bear any name
    else:
        taken = [_column_names(restrictions[name]) for name in others if name and name != reference.name]
        bare = set(clear).difference(*taken)
    known_as = reference.node.alias_or_name.casefold()
    return _Target(known_as=known_as, clear=clear, bare=frozenset(bare))


def _is_clear(column: PinnedColumn, restrictions: ReadRestrictions) -> bool:
    return all(grant.masks.get(column.field_id) == CLEAR for grant in restrictions.grants)


def _column_names(restrictions: ReadRestrictions) -> set[str]:
    return {each.name.casefold() for each in restrictions.visible_columns}


def _conjuncts(select: exp.Select, target: _Target) -> Iterator[exp.Expr]:
    where = select.args.get("where")
    if where is None:
        return
    copied = where.copy()
    fold_dates(copied)
    condition = copied.this
    for conjunct in _parts(condition, exp.And):
        if _is_copied(conjunct, target):
            yield conjunct
        elif (implied := _implied(conjunct, target)) is not None:
            yield implied


def _parts(condition: exp.Expr, kind: type[exp.Connector]) -> list[exp.Expr]:
    condition = condition.unnest()
    return list(condition.flatten()) if isinstance(condition, kind) else [condition]


def _is_copied(conjunct: exp.Expr, target: _Target) -> bool:
    return _names_only(conjunct, target) and _is_proven(conjunct, target)


def _implied(condition: exp.Expr, target: _Target) -> exp.Expr | None:
    """Return what `a AND … OR b AND …` says of the target: of each branch the parts that may be copied.

    Where the condition is true, one branch is, and with it every part of that branch.
    """
    branches = []
    for branch in _parts(condition, exp.Or):
        parts = [each for each in _parts(branch, exp.And) if _is_copied(each, target)]
        if not parts:
            return None
        branches.append(exp.and_(*parts, copy=False))
    implied = exp.or_(*branches, copy=False)
    return implied if _is_proven(implied, target) else None


def _names_only(conjunct: exp.Expr, target: _Target) -> bool:
    """Whether it names columns of the target and no other; they are then written as the raw rows' own."""
    columns = list(conjunct.find_all(exp.Column))
    if conjunct.find(exp.Query) or not columns or not all(_is_of(each, target) for each in columns):
        return False
    for each in columns:
        each.set("this", exp.to_identifier(target.clear[each.name.casefold()].name, quoted=True))
        each.set("table", exp.to_identifier(RAW, quoted=True))
    return True


def _is_of(column: exp.Column, target: _Target) -> bool:
    name = column.name.casefold()
    if len(column.parts) > 2:  # noqa: PLR2004 - table.column
        return False
    return (
        name in target.clear
        if column.table.casefold() == target.known_as
        else not column.table and name in target.bare
    )


def _is_proven(conjunct: exp.Expr, target: _Target) -> bool:
    values = {name: value_of(each.type) for name, each in target.clear.items()}
    try:
        Prover(tables={}).prove_condition(conjunct, Relation(RAW, values))
    except NotProvenError:
        return False
    return True
