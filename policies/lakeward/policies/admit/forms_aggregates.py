"""Aggregates whose answer is of another type, or in another order, than the engine's."""

from sqlglot import exp


def percentile(node: exp.Expr) -> None:
    """`percentile_cont` is a double; the engine's is of the type of what it is taken of, and so rounded."""
    order = node.expression
    if not isinstance(node.this, exp.PercentileCont) or not isinstance(order, exp.Order):
        return
    for key in order.expressions:
        key.set("this", exp.cast(key.this.copy(), "double"))


def in_order(node: exp.Expr) -> None:
    """`string_agg(DISTINCT x, ',')` sorts to tell what is alike, and so answers in order."""
    inner = node.this
    if not isinstance(inner, exp.Distinct) or len(inner.expressions) != 1:
        return
    key = exp.Ordered(this=inner.expressions[0].copy(), nulls_first=False)
    node.set("this", exp.Order(this=inner.copy(), expressions=[key]))


def never_null(node: exp.Expr) -> exp.Expr | None:
    """`collect_list(x)` of nothing is an empty list in Spark; the engine's is NULL."""
    inner = node
    while isinstance(inner, exp.Window | exp.Filter):
        inner = inner.this
    is_part = isinstance(node.parent, exp.Window | exp.Filter)
    if is_part or not isinstance(inner, exp.ArrayAgg | exp.ArrayUniqueAgg):
        return None
    return exp.Coalesce(this=node.copy(), expressions=[exp.Array(expressions=[])])
