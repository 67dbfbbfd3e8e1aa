"""What a query gives: SELECT, set operations, CTEs and recursion, tables of the lake."""

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from lakeward.lineage.edges import Indirect, Source
from lakeward.lineage.flows import IDENTITY, NOTHING, Flow, Flows, deciding, join
from lakeward.lineage.walk.expressions import flows, predicate
from lakeward.lineage.walk.items import Item, select_items
from lakeward.lineage.walk.keys import grouped_keys, kept_keys, ranked_keys
from lakeward.lineage.walk.relations import bring_into_view, relation_of
from lakeward.lineage.walk.scopes import Column, Relation, Scope, UnresolvedError

_ROUNDS = (
    50  # a recursive CTE comes to rest in as many rounds as its longest chain of columns; more is not proven
)
Ctes = Mapping[str, Relation]


class Walk:
    """One pass over one statement. `schema` holds the columns of every table, by folded `namespace.table`."""

    def __init__(
        self, schema: Mapping[str, Sequence[str]], default_namespace: str, begin: Mapping[Source, Flow]
    ) -> None:
        self._schema = schema
        self._default_namespace = default_namespace
        self._begin = begin
        self.tables: dict[str, Relation] = {}

    def run(self, query: exp.Expr) -> Relation:
        """Walk a whole query.

        Raises:
            UnresolvedError: A part of it has no certain meaning.
        """
        return self._query(query, Scope(self._query, {}))

    def _query(self, node: exp.Expr, scope: Scope) -> Relation:
        """Give the relation of a query, or of a table's name, seen from a scope."""
        if isinstance(node, exp.Table):
            return self._table(node, scope)
        ctes = self._ctes(node, scope)
        if isinstance(node, exp.Select):
            return self._select(node, Scope(self._query, ctes, scope))
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, Scope(self._query, ctes, scope))
        if isinstance(node, exp.Subquery):
            inner = Scope(self._query, ctes, scope)
            return _limited(node, relation_of(node.this, inner), inner)
        raise UnresolvedError("a kind of query that lineage does not know")

    def _table(self, node: exp.Table, scope: Scope) -> Relation:
        parts = [part.name.casefold() for part in node.parts]
        if len(parts) == 1:
            if (cte := scope.ctes.get(parts[0])) is not None:
                return Relation(cte.columns, cte.rows, cte.unique)
            parts.insert(0, self._default_namespace)
        name = ".".join(parts[-2:])
        if name not in self.tables:
            if name not in self._schema:
                raise UnresolvedError("a table whose columns are not known")
            self.tables[name] = Relation([self._source(name, column) for column in self._schema[name]])
        return self.tables[name]

    def _source(self, table: str, column: str) -> Column:
        source = Source(table, column.casefold())
        flow = self._begin.get(source, IDENTITY)
        return column, {source: flow} if flow else NOTHING

    def _ctes(self, node: exp.Expr, scope: Scope) -> Ctes:
        with_ = node.args.get("with_")
        if with_ is None:
            return scope.ctes
        ctes = dict(scope.ctes)
        for cte in with_.expressions:
            inner = Scope(self._query, ctes, scope)
            if with_.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
                relation = self._recursive(cte, inner)
            else:
                relation = relation_of(cte.this, inner)
            ctes = {**ctes, cte.alias.casefold(): _named(relation, cte)}
        return ctes

    def _recursive(self, cte: exp.Expr, scope: Scope) -> Relation:
        """Walk until nothing new flows: first without the recursion, then over what the round before gave."""
        anchor = _named(self._query(cte.this.this, scope), cte)
        current = Relation(anchor.columns, anchor.rows)  # what is unique in it need not be so later
        for _ in range(_ROUNDS):
            inner = Scope(self._query, {**scope.ctes, cte.alias.casefold(): current}, scope.outer)
            grown = _named(self._query(cte.this, inner), cte)
            grown = Relation(grown.columns, join(current.rows, grown.rows))
            if (grown.columns, grown.rows) == (current.columns, current.rows):
                return grown
            current = grown
        raise UnresolvedError("a recursion that does not come to rest")

    def _select(self, node: exp.Select, scope: Scope) -> Relation:
        rows, one_to_one = bring_into_view(node, scope)
        scope.aliases = {
            each.alias.casefold(): each.this for each in node.expressions if isinstance(each, exp.Alias)
        }
        scope.windows = {each.name.casefold(): each for each in node.args.get("windows") or ()}
        if (where := node.args.get("where")) is not None:
            rows = join(rows, predicate(where.this, scope, Indirect.FILTER))
        items = list(select_items(node, scope))
        groups = list(_group_expressions(node, items))
        having = _having(node, scope)
        if groups or node.args.get("group"):
            keys = join(*(flows(each, scope) for each in groups))
            rows = join(rows, deciding(keys, Indirect.GROUP_BY))
            unique = grouped_keys(node, groups, items, scope)
        elif scope.has_aggregate:
            items = [item.decided_by(rows) if item.is_aggregate else item for item in items]
            rows, unique = (
                (join(rows, having), (frozenset[str](),)) if having else (NOTHING, (frozenset[str](),))
            )
        else:
            unique = kept_keys(node, items, scope) if one_to_one else ()
        if (qualify := node.args.get("qualify")) is not None:
            rows = join(rows, predicate(qualify.this, scope, Indirect.FILTER))
        unique = () if scope.unnests else (*unique, *ranked_keys(node, items, scope))
        relation = Relation([item.column for item in items], join(rows, having, scope.unnests), unique)
        return _limited(node, _distinct(node, relation, scope), scope)

    def _set_operation(self, node: exp.SetOperation, scope: Scope) -> Relation:
        left, right = self._query(node.this, scope), self._query(node.expression, scope)
        both = join(left.rows, right.rows)
        columns = _by_name(left, right) if node.args.get("by_name") else _by_position(left, right)
        compared = deciding(join(left.whole(), right.whole()), Indirect.GROUP_BY)
        if isinstance(node, exp.Except):
            relation = Relation(left.columns, join(both, compared), left.unique)
        elif isinstance(node, exp.Intersect):
            relation = Relation(columns, join(both, compared))
        elif node.args.get("distinct"):
            everything = frozenset(name.casefold() for name, _ in columns)
            relation = Relation(columns, join(both, compared), (everything,))
        else:
            relation = Relation(columns, both)
        scope.add("", relation)
        return _limited(node, relation, scope)


def _named(relation: Relation, cte: exp.Expr) -> Relation:
    names = [each.name for each in cte.args["alias"].args.get("columns") or ()]
    if not names:
        return relation
    named = [(new, each) for new, (_, each) in zip(names, relation.columns, strict=False)]
    return Relation(named + relation.columns[len(names) :], relation.rows)


def _by_position(left: Relation, right: Relation) -> list[Column]:
    if len(left.columns) != len(right.columns):
        raise UnresolvedError("a set operation whose arms differ in width")
    pairs = zip(left.columns, right.columns, strict=True)
    return [(name, join(one, other)) for (name, one), (_, other) in pairs]


def _by_name(left: Relation, right: Relation) -> list[Column]:
    known = {name.casefold() for name, _ in left.columns}
    both = [(name, join(each, right.column(name) or NOTHING)) for name, each in left.columns]
    return both + [(name, each) for name, each in right.columns if name.casefold() not in known]


def _having(node: exp.Select, scope: Scope) -> Flows:
    having = node.args.get("having")
    return predicate(having.this, scope, Indirect.FILTER) if having is not None else NOTHING


def _group_expressions(node: exp.Select, items: Sequence[Item]) -> Iterator[exp.Expr]:
    """Give the grouping keys; an ordinal means its SELECT item, ALL means every item without an aggregate."""
    group = node.args.get("group")
    if group is None:
        return
    if group.args.get("all"):
        yield from (item.expression for item in items if not item.is_aggregate)
    nested = (group.args.get(kind) or () for kind in ("grouping_sets", "cube", "rollup"))
    for each in [*group.expressions, *(inner for part in nested for inner in part)]:
        if isinstance(each, exp.Literal) and not each.is_string and 0 < int(each.name) <= len(items):
            yield items[int(each.name) - 1].expression
        else:
            yield each


def _distinct(node: exp.Select, relation: Relation, scope: Scope) -> Relation:
    distinct = node.args.get("distinct")
    if distinct is None:
        return relation
    on = distinct.args.get("on")
    if on is None:
        keys, unique = relation.whole(), frozenset(name.casefold() for name, _ in relation.columns)
        return Relation(
            relation.columns,
            join(relation.rows, deciding(keys, Indirect.GROUP_BY)),
            (*relation.unique, unique),
        )
    keys = deciding(flows(on, scope), Indirect.GROUP_BY)
    order = deciding(_order_keys(node, relation, scope), Indirect.SORT)
    return Relation(relation.columns, join(relation.rows, keys, order), relation.unique)


def _limited(node: exp.Expr, relation: Relation, scope: Scope) -> Relation:
    """LIMIT and OFFSET keep rows by their place in the order; an order alone keeps them all."""
    limits = [node.args[each] for each in ("limit", "offset") if node.args.get(each) is not None]
    if not limits:
        return relation
    order = deciding(_order_keys(node, relation, scope), Indirect.SORT)
    amounts = deciding(join(*(flows(each, scope) for each in limits)), Indirect.FILTER)
    return Relation(relation.columns, join(relation.rows, order, amounts), relation.unique)


def _order_keys(node: exp.Expr, relation: Relation, scope: Scope) -> Flows:
    """Give what the order is by; here an output column goes before a column of a table."""
    order = node.args.get("order")
    keys: Flows = NOTHING
    for each in order.expressions if order is not None else ():
        key = each.this if isinstance(each, exp.Ordered) else each
        keys = join(keys, _order_key(key, relation, scope))
    return keys


def _order_key(key: exp.Expr, relation: Relation, scope: Scope) -> Flows:
    if isinstance(key, exp.Var) and key.name.upper() == "ALL":
        return relation.whole()
    if isinstance(key, exp.Literal) and not key.is_string and 0 < int(key.name) <= len(relation.columns):
        return relation.columns[int(key.name) - 1][1]
    if isinstance(key, exp.Column) and not key.table and (found := relation.column(key.name)) is not None:
        return found
    return flows(key, scope)
