"""Which sets of a SELECT's output columns no two rows share: what lets an outer join add columns and no rows.

A key that is claimed wrongly would hide an influence, so only four grounds count: grouping, ROW_NUMBER within
a partition, a key of the first relation that is still there and was not multiplied, and at most one row.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlglot import exp

from lakeward.lineage.walk.items import Item
from lakeward.lineage.walk.scopes import Key, Scope

Keys = tuple[Key, ...]
ONE_ROW: Keys = (frozenset(),)


def grouped_keys(node: exp.Select, groups: Iterable[exp.Expr], items: Sequence[Item], scope: Scope) -> Keys:
    """The grouping keys are unique together, when all of them are SELECT items."""
    group = node.args["group"]
    kinds = exp.GroupingSets | exp.Cube | exp.Rollup
    if any(isinstance(each, kinds) for each in group.expressions):
        return ()
    if any(group.args.get(kind) for kind in ("grouping_sets", "cube", "rollup", "totals")):
        return ()
    return _all_named(groups, items, scope)


def kept_keys(node: exp.Select, items: Sequence[Item], scope: Scope) -> Keys:
    """Keys of the first relation that the SELECT list still holds, under their new names.

    A column that WHERE holds equal to a constant is no longer needed in one.
    """
    first = next(iter(scope.relations.items()), None)
    if first is None:
        return ONE_ROW
    alias, relation = first
    kept: dict[str, str] = {}
    for item in items:
        if (name := _column_of(item.expression, alias)) is not None:
            kept.setdefault(name, item.name.casefold())
    where = node.args.get("where")
    held = set(_held_constant(where.this, alias)) if where is not None else set()
    needed = [key - held for key in relation.unique]
    return tuple(frozenset(kept[name] for name in key) for key in needed if key <= kept.keys())


def ranked_keys(node: exp.Select, items: Sequence[Item], scope: Scope) -> Keys:
    """A partition and the ROW_NUMBER in it are unique together; QUALIFY ... = 1 leaves the partition."""
    numbered = [(item.name.casefold(), item.expression) for item in items]
    keys = [(_partition(each, items, scope), frozenset({name})) for name, each in numbered]
    qualify = node.args.get("qualify")
    if qualify is not None and isinstance(qualify.this, exp.EQ) and _is_number(qualify.this.expression):
        keys.append((_partition(qualify.this.this, items, scope), frozenset()))
    return tuple(partition | number for partition, number in keys if partition is not None)


def _partition(window: exp.Expr, items: Sequence[Item], scope: Scope) -> Key | None:
    """Give the SELECT items that a ROW_NUMBER is counted within, when all of them are there."""
    if not isinstance(window, exp.Window) or not isinstance(window.this, exp.RowNumber):
        return None
    if window.args.get("alias") is not None:
        return None
    found = _all_named(window.args.get("partition_by") or (), items, scope)
    return found[0] if found else None


def _all_named(expressions: Iterable[exp.Expr], items: Sequence[Item], scope: Scope) -> Keys:
    names = [_item_of(each, items, scope) for each in expressions]
    return () if None in names else (frozenset(name for name in names if name is not None),)


def _item_of(expression: exp.Expr, items: Sequence[Item], scope: Scope) -> str | None:
    """Find the SELECT item that holds an expression: the same one, the same column, or named by its alias."""
    for item in items:
        if item.expression == expression or _is_same_column(item.expression, expression):
            return item.name.casefold()
    if isinstance(expression, exp.Column) and not expression.table and scope.find([expression.name]) is None:
        return next(
            (i.name.casefold() for i in items if i.name.casefold() == expression.name.casefold()), None
        )
    return None


def _is_same_column(one: exp.Expr, other: exp.Expr) -> bool:
    """Whether two names mean one column: a bare name that could mean two would not run."""
    if not isinstance(one, exp.Column) or not isinstance(other, exp.Column):
        return False
    tables = {one.table.casefold(), other.table.casefold()} - {""}
    return one.name.casefold() == other.name.casefold() and len(tables) <= 1


def _column_of(expression: exp.Expr, relation: str) -> str | None:
    if isinstance(expression, exp.Column) and expression.table.casefold() in {relation, ""}:
        return expression.name.casefold()
    return None


def _held_constant(condition: exp.Expr, relation: str) -> Iterator[str]:
    for each in condition.flatten() if isinstance(condition, exp.And) else (condition,):
        if isinstance(each, exp.EQ) and isinstance(each.expression, exp.Literal):
            name = _column_of(each.this, relation)
            if name is not None:
                yield name


def _is_number(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string
