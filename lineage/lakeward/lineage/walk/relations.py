"""What stands in FROM: tables, subqueries, table functions, and the joins between them."""

from collections.abc import Iterable
from typing import Final

from sqlglot import exp

from lakeward.lineage.edges import Direct, Indirect
from lakeward.lineage.flows import NOTHING, Flows, deciding, join, through
from lakeward.lineage.walk.expressions import flows, predicate
from lakeward.lineage.walk.scopes import Key, Relation, Scope, UnresolvedError

_FILTERING: Final = frozenset({"SEMI", "ANTI"})


def bring_into_view(select: exp.Expr, scope: Scope) -> tuple[Flows, bool]:
    """Add what FROM and its joins name to the scope.

    Returns:
        What decides the rows, and whether each row of the first relation still gives at most one row.
    """
    from_ = select.args.get("from_")
    rows, one_to_one = _item(from_.this, scope) if from_ is not None else (NOTHING, True)
    return _joins(select, scope, rows, one_to_one=one_to_one)


def _joins(node: exp.Expr, scope: Scope, rows: Flows, *, one_to_one: bool) -> tuple[Flows, bool]:
    for each in [*node.args.get("joins", ()), *node.args.get("laterals", ())]:
        is_join = isinstance(each, exp.Join)
        joined, keeps = _join(each, scope, rows) if is_join else _laterally(each, scope, rows)
        rows, one_to_one = joined, one_to_one and keeps
    return rows, one_to_one


def _laterally(node: exp.Expr, scope: Scope, rows: Flows) -> tuple[Flows, bool]:
    more, _ = _item(node, scope)
    return join(rows, more), False


def _item(node: exp.Expr, scope: Scope) -> tuple[Flows, bool]:
    """Add one item of FROM; a join in parentheses adds its members."""
    inner = node.this
    if isinstance(node, exp.Subquery) and isinstance(inner, exp.Table | exp.Subquery):
        return _parenthesised(node, scope)
    relation = relation_of(node, scope)
    scope.add(node.alias_or_name, relation)
    return (
        _joins(node, scope, relation.rows, one_to_one=True)
        if node.args.get("joins")
        else (relation.rows, True)
    )


def _parenthesised(node: exp.Expr, scope: Scope) -> tuple[Flows, bool]:
    target = _nested(scope) if node.alias else scope
    rows, one_to_one = _item(node.this, target)
    rows, one_to_one = _joins(node, target, rows, one_to_one=one_to_one)
    if node.alias:
        scope.add(node.alias, Relation(list(target.everything()), rows))
    return rows, one_to_one


def _nested(scope: Scope) -> Scope:
    return Scope(scope.resolve_query, scope.ctes, scope)


def relation_of(node: exp.Expr, scope: Scope) -> Relation:
    """Give the relation that one item of FROM is, under the column names that its alias gives.

    Raises:
        UnresolvedError: It is a pivot, or something else whose columns its text does not tell.
    """
    if node.args.get("pivots"):
        raise UnresolvedError("PIVOT or UNPIVOT, whose columns the data decides")
    if isinstance(node, exp.Unnest):
        relation = _unnested(node, scope)
    elif isinstance(node, exp.Lateral):
        relation = _lateral(node, scope)
    elif isinstance(node, exp.Values):
        relation = _values(node, scope)
    elif isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
        relation = _function(node.this, node.alias, scope)
    else:
        relation = scope.resolve_query(node, scope)
    return _under_alias(relation, node.args.get("alias"))


def _under_alias(relation: Relation, alias: exp.Expr | None) -> Relation:
    names = [each.name for each in alias.args.get("columns") or ()] if alias is not None else []
    if not names:
        return relation
    renamed = [name for name, _ in relation.columns]
    renamed[: len(names)] = names[: len(renamed)]
    old = {name.casefold(): new.casefold() for (name, _), new in zip(relation.columns, renamed, strict=True)}
    unique = tuple(frozenset(old[name] for name in key) for key in relation.unique)
    columns = [(new, each) for new, (_, each) in zip(renamed, relation.columns, strict=True)]
    return Relation(columns, relation.rows, unique)


def _lateral(node: exp.Expr, scope: Scope) -> Relation:
    inner = node.this
    return (
        relation_of(inner, scope) if isinstance(inner, exp.Subquery) else _function(inner, node.alias, scope)
    )


def _unnested(node: exp.Expr, scope: Scope) -> Relation:
    """A list's elements as rows: the list arrives in the column, and decides how many rows."""
    values = [through(flows(each, scope), Direct.TRANSFORMATION) for each in node.expressions]
    columns = [(node.alias or "unnest", value) for value in values]
    if node.args.get("offset"):
        columns.append(("ordinality", NOTHING))
    return Relation(columns, deciding(join(*values), Indirect.JOIN))


def _function(node: exp.Expr, alias: str, scope: Scope) -> Relation:
    """A table function: what its arguments hold decides rows and values."""
    if isinstance(node, exp.Explode | exp.Unnest):
        return _unnested(exp.Unnest(expressions=[node.this or node.expressions[0]]), scope)
    if not isinstance(node, exp.GenerateSeries) and node.name.lower() not in {"range", "generate_series"}:
        raise UnresolvedError("a table function whose columns are not known")
    value = through(join(*(flows(each, scope) for each in node.iter_expressions())), Direct.TRANSFORMATION)
    return Relation([(alias or type(node).__name__.lower(), value)], deciding(value, Indirect.JOIN))


def _values(node: exp.Expr, scope: Scope) -> Relation:
    rows = [each.expressions if isinstance(each, exp.Tuple) else [each] for each in node.expressions]
    cells = [[flows(cell, scope) for cell in row] for row in rows]
    return Relation([(f"col{index}", join(*column)) for index, column in enumerate(zip(*cells, strict=True))])


def _join(node: exp.Expr, scope: Scope, rows: Flows) -> tuple[Flows, bool]:
    """Join one more item: what its rows depend on, and whose columns may be NULL because of it."""
    before = list(scope.relations)
    more, _ = _item(node.this, scope)
    added = [name for name in scope.relations if name not in before]
    keys, is_unique = _keys(node, scope, before, added)
    side, kind = (node.args.get("side") or "").upper(), (node.args.get("kind") or "").upper()
    if kind in _FILTERING or side in _FILTERING:
        for name in added:
            del scope.relations[name]
        return join(rows, more, keys), True
    if side in {"LEFT", "FULL"}:
        _decide(scope, added, join(more, keys))
    if side in {"RIGHT", "FULL"}:
        _decide(scope, before, join(rows, keys))
    if side == "LEFT" and is_unique:
        return rows, True
    return join(rows, more, keys), is_unique and side not in {"FULL", "RIGHT"}


def _decide(scope: Scope, names: Iterable[str], what: Flows) -> None:
    """Let `what` decide every column of some relations: they are NULL where nothing matched."""
    for name in names:
        relation = scope.relations[name]
        columns = [(each, join(value, what)) for each, value in relation.columns]
        scope.relations[name] = Relation(columns, relation.rows, relation.unique)


def _keys(node: exp.Expr, scope: Scope, before: list[str], added: list[str]) -> tuple[Flows, bool]:
    """Give what the join matches on, and whether it finds at most one row of the added side."""
    on = node.args.get("on")
    using = [each.name.casefold() for each in node.args.get("using") or ()]
    if (node.args.get("method") or "").upper() == "NATURAL":
        using = _shared(scope, before, added)
    if using:
        return _using(node, scope, using, before, added)
    if on is None:
        return NOTHING, _is_single_row(scope, added)
    is_asof = (node.args.get("method") or "").upper() == "ASOF"
    return predicate(on, scope, Indirect.JOIN), is_asof or _matches_one(on, scope, added)


def _shared(scope: Scope, before: list[str], added: list[str]) -> list[str]:
    left = {name.casefold() for each in before for name, _ in scope.relations[each].columns}
    return [
        name.casefold()
        for each in added
        for name, _ in scope.relations[each].columns
        if name.casefold() in left
    ]


def _using(
    node: exp.Expr, scope: Scope, names: list[str], before: list[str], added: list[str]
) -> tuple[Flows, bool]:
    keys: Flows = NOTHING
    side = (node.args.get("side") or "").upper()
    for name in names:
        left = scope.merged.get(name) or _first(scope, before, name)
        right = _first(scope, added, name)
        keys = join(keys, left, right)
        scope.merged[name] = {"RIGHT": right, "FULL": join(left, right)}.get(side, left)
    unique = len(added) == 1 and scope.relations[added[0]].is_unique_on(frozenset(names))
    decided = deciding(keys, Indirect.JOIN)
    if side == "FULL":
        scope.merged.update({name: join(scope.merged[name], decided) for name in names})
    return decided, unique


def _first(scope: Scope, relations: Iterable[str], name: str) -> Flows:
    for each in relations:
        found = scope.relations[each].column(name)
        if found is not None:
            return found
    raise UnresolvedError("a column of USING that one side does not have")


def _is_single_row(scope: Scope, added: list[str]) -> bool:
    return all(scope.relations[name].is_unique_on(frozenset()) for name in added)


def _matches_one(on: exp.Expr, scope: Scope, added: list[str]) -> bool:
    """Say whether ON holds a unique key of the added relation equal to something outside it."""
    if len(added) != 1 or not scope.relations[added[0]].unique:
        return False
    conjuncts = on.flatten() if isinstance(on, exp.And) else (on,)
    equal: set[str] = set()
    for each in conjuncts:
        equal |= _equated(each.unnest(), scope, before_name=added[0])
    return scope.relations[added[0]].is_unique_on(frozenset(equal))


def _equated(node: exp.Expr, scope: Scope, *, before_name: str) -> Key:
    if not isinstance(node, exp.EQ):
        return frozenset()
    sides = (node.this, node.expression)
    own = [_own_column(each, scope, before_name) for each in sides]
    for name, other in ((own[0], sides[1]), (own[1], sides[0])):
        if name is not None and not _mentions(other, scope, before_name):
            return frozenset({name})
    return frozenset()


def _own_column(node: exp.Expr, scope: Scope, relation: str) -> str | None:
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    name = node.name.casefold()
    qualifier = node.table.casefold()
    if scope.relations[relation].column(name) is None or (qualifier and qualifier != relation):
        return None
    if not qualifier and any(
        each.column(name) is not None for key, each in scope.relations.items() if key != relation
    ):
        return None
    return name


def _mentions(node: exp.Expr, scope: Scope, relation: str) -> bool:
    return any(
        _own_column(each, scope, relation) is not None for each in node.find_all(exp.Column, exp.Subquery)
    )
