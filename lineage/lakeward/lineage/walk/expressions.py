"""What flows into the value of an expression."""

from collections.abc import Callable, Iterable
from typing import Final

from sqlglot import exp

from lakeward.lineage import operations
from lakeward.lineage.edges import Direct, Indirect
from lakeward.lineage.flows import NOTHING, Flows, deciding, join, through
from lakeward.lineage.walk.scopes import Scope, UnresolvedError

Rule = Callable[[exp.Expr, Scope], Flows]
_LEAVES: Final = (exp.Literal, exp.Identifier, exp.Var, exp.DataType, exp.Null, exp.Boolean, exp.Placeholder)


def flows(node: exp.Expr, scope: Scope) -> Flows:
    """Give what flows into a value; an operation that has no rule of its own carries all its operands."""
    if isinstance(node, _LEAVES):
        return NOTHING
    rule = _RULES.get(type(node))
    if rule is not None:
        return rule(node, scope)
    if isinstance(node, exp.Query):
        return _scalar(node, scope)
    if operations.is_aggregate(node):
        return _aggregate(node, scope)
    return through(_operands(node, scope), Direct.TRANSFORMATION, operations.strength(node))


def _operands(node: exp.Expr, scope: Scope) -> Flows:
    return join(*(flows(child, scope) for child in node.iter_expressions()))


def _all(nodes: Iterable[exp.Expr | None], scope: Scope) -> Flows:
    return join(*(flows(node, scope) for node in nodes if node is not None))


def _column(node: exp.Expr, scope: Scope) -> Flows:
    parts = [node.args[each] for each in ("catalog", "db", "table", "this") if node.args.get(each)]
    if isinstance(parts[-1], exp.Star):
        alias = parts[-2].name if len(parts) > 1 else None
        return join(*(each for _, each in scope.everything(alias)))
    return _named([part.name for part in parts], scope)


def _named(parts: list[str], scope: Scope) -> Flows:
    """Resolve a name: a column before an alias of the SELECT list, both before scopes further out."""
    here: Scope | None = scope
    while here is not None:
        found = here.find(parts)
        if found is None:
            found = _alias(parts[0].casefold(), here)
        if found is not None:
            return found
        here = here.outer
    raise UnresolvedError("a column that no table in view has")


def _alias(name: str, scope: Scope) -> Flows | None:
    if name not in scope.known_aliases:
        expression = scope.aliases.pop(name, None)  # taken out: an alias does not see itself
        if expression is None:
            return None
        before, scope.has_aggregate = scope.has_aggregate, False
        value = flows(expression, scope)
        scope.known_aliases[name] = value, scope.has_aggregate
        scope.has_aggregate = before
    value, is_aggregate = scope.known_aliases[name]
    scope.has_aggregate = scope.has_aggregate or is_aggregate
    return value


def _scalar(node: exp.Expr, scope: Scope) -> Flows:
    """A subquery as a value: its columns arrive, and what decides its rows decides which value."""
    relation = scope.resolve_query(node, scope)
    return join(relation.whole(), relation.rows)


def _exists(node: exp.Expr, scope: Scope) -> Flows:
    return deciding(scope.resolve_query(node.this, scope).rows, Indirect.FILTER)


def _in(node: exp.Expr, scope: Scope) -> Flows:
    value = through(_all([node.this, *node.expressions], scope), Direct.TRANSFORMATION)
    query = node.args.get("query") or node.args.get("unnest")
    return join(value, deciding(flows(query, scope), Indirect.CONDITIONAL)) if query is not None else value


def _case(node: exp.Expr, scope: Scope) -> Flows:
    """An arm's value arrives unchanged; the tests only choose."""
    branches = node.args["ifs"]
    tests = _all([node.args.get("this"), *(branch.this for branch in branches)], scope)
    arms = _all([*(branch.args["true"] for branch in branches), node.args.get("default")], scope)
    return join(arms, deciding(tests, Indirect.CONDITIONAL))


def _if(node: exp.Expr, scope: Scope) -> Flows:
    arms = _all([node.args.get("true"), node.args.get("false")], scope)
    return join(arms, deciding(flows(node.this, scope), Indirect.CONDITIONAL))


def _coalesce(node: exp.Expr, scope: Scope) -> Flows:
    arms = [node.this, *node.expressions]
    return join(_all(arms, scope), deciding(_all(arms[:-1], scope), Indirect.CONDITIONAL))


def _nullif(node: exp.Expr, scope: Scope) -> Flows:
    value = flows(node.this, scope)
    return join(value, deciding(join(value, flows(node.expression, scope)), Indirect.CONDITIONAL))


def _aggregate(node: exp.Expr, scope: Scope) -> Flows:
    scope.has_aggregate = True
    if isinstance(node, operations.COUNTS) and isinstance(node.this, exp.Star):
        return NOTHING
    if isinstance(node, operations.PICKS_BY_SECOND):
        value = _all([node.this, node.args.get("count")], scope)
        picks = deciding(flows(node.expression, scope), Indirect.SORT)
        return join(through(value, Direct.AGGREGATION), picks)
    return through(_operands(node, scope), Direct.AGGREGATION, operations.strength(node))


def _filtered(node: exp.Expr, scope: Scope) -> Flows:
    return join(flows(node.this, scope), predicate(node.expression.this, scope, Indirect.FILTER))


def _within_group(node: exp.Expr, scope: Scope) -> Flows:
    scope.has_aggregate = True
    ordered = _all((each.this for each in node.expression.expressions), scope)
    return join(flows(node.this, scope), through(ordered, Direct.AGGREGATION))


def _ordered_operand(node: exp.Expr, scope: Scope) -> Flows:
    """`x ORDER BY y` inside an aggregate: x is folded, y decides where in the fold it stands."""
    keys = deciding(_all(node.expressions, scope), Indirect.SORT)
    return join(flows(node.this, scope), keys) if node.this is not None else keys


def _window(node: exp.Expr, scope: Scope) -> Flows:
    aggregated, scope.has_aggregate = scope.has_aggregate, False
    value = flows(node.this, scope)
    scope.has_aggregate = aggregated
    how = Direct.AGGREGATION if value else Direct.IDENTITY
    return join(through(value, how), window_keys(node, scope))


def window_keys(node: exp.Expr, scope: Scope) -> Flows:
    """Give what decides a window: its partition, its order, its frame, and those of the window it names."""
    parts = [*node.args.get("partition_by", ()), node.args.get("order"), node.args.get("spec")]
    named = node.args.get("alias") if "over" in node.args else node.args.get("first")
    keys = deciding(_all(parts, scope), Indirect.WINDOW)
    if named is None:
        return keys
    window = scope.windows.get(named.name.casefold())
    if window is None:
        raise UnresolvedError("a window that has no definition")
    return join(keys, window_keys(window, scope))


def _lambda(node: exp.Expr, scope: Scope) -> Flows:
    names = {each.name.casefold() for each in node.expressions}
    return _with_bound(dict.fromkeys(names, NOTHING), [node.this], scope)


def _comprehension(node: exp.Expr, scope: Scope) -> Flows:
    elements = flows(node.args["iterator"], scope)
    bound = {node.expression.name.casefold(): elements}
    return join(elements, _with_bound(bound, [node.this, node.args.get("condition")], scope))


def _with_bound(bound: dict[str, Flows], nodes: Iterable[exp.Expr | None], scope: Scope) -> Flows:
    before = scope.bound
    scope.bound = {**before, **bound}
    try:
        return _all(nodes, scope)
    finally:
        scope.bound = before


def _connector(node: exp.Expr, scope: Scope) -> Flows:
    """AND and OR, flat: a long chain is not a deep one."""
    return through(_all(node.flatten(), scope), Direct.TRANSFORMATION)


def _this(node: exp.Expr, scope: Scope) -> Flows:
    return flows(node.this, scope)


def _right(node: exp.Expr, scope: Scope) -> Flows:
    """`name := value`: the name is no column."""
    return flows(node.expression, scope)


def _columns(_node: exp.Expr, scope: Scope) -> Flows:
    if scope.each_column is None:
        raise UnresolvedError("COLUMNS(...) outside the SELECT list")
    return scope.each_column


def _star(_node: exp.Expr, scope: Scope) -> Flows:
    return join(*(each for _, each in scope.everything()))


def _unnest(node: exp.Expr, scope: Scope) -> Flows:
    """UNNEST in a SELECT list makes rows: its operand decides how many."""
    value = through(_operands(node, scope), Direct.TRANSFORMATION)
    scope.unnests = join(scope.unnests, deciding(value, Indirect.JOIN))
    return value


def _refused(_node: exp.Expr, _scope: Scope) -> Flows:
    raise UnresolvedError("a column by its position")


_RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Column: _column,
    exp.Alias: _this,
    exp.Paren: _this,
    exp.Subquery: _scalar,
    exp.Exists: _exists,
    exp.In: _in,
    exp.Case: _case,
    exp.If: _if,
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Filter: _filtered,
    exp.WithinGroup: _within_group,
    exp.Order: _ordered_operand,
    exp.Ordered: _this,
    exp.IgnoreNulls: _this,
    exp.RespectNulls: _this,
    exp.Window: _window,
    exp.Lambda: _lambda,
    exp.Comprehension: _comprehension,
    exp.And: _connector,
    exp.Or: _connector,
    exp.PropertyEQ: _right,
    exp.Kwarg: _right,
    exp.Columns: _columns,
    exp.Star: _star,
    exp.Unnest: _unnest,
    exp.Explode: _unnest,
    exp.PositionalColumn: _refused,
}


def predicate(node: exp.Expr, scope: Scope, how: Indirect) -> Flows:
    """Give what a condition decides by, conjunct by conjunct, so that `column = constant` is seen."""
    conjuncts = node.flatten() if isinstance(node, exp.And) else (node,)
    return join(*(_conjunct(each, scope, how) for each in conjuncts))


def _conjunct(node: exp.Expr, scope: Scope, how: Indirect) -> Flows:
    node = node.unnest()
    if isinstance(node, exp.And):
        return predicate(node, scope, how)
    decided = deciding(flows(node, scope), how)
    if isinstance(node, exp.EQ) and how is Indirect.FILTER:
        left, right = flows(node.this, scope), flows(node.expression, scope)
        if not (left and right):
            return join(decided, deciding(left or right, Indirect.SINGLE))
    return decided
