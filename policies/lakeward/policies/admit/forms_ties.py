"""`FETCH FIRST 3 ROWS WITH TIES`: rows that rank with the last one too."""

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError


def with_ties(node: exp.Expr) -> None:
    """Keep what ranks among the first in a QUALIFY, in place of the limit.

    Raises:
        NotAdmittedError: The SELECT has a form in which a rank would count other rows.
    """
    fetch = node.args.get("limit")
    options = fetch.args.get("limit_options") if isinstance(fetch, exp.Fetch) else None
    if fetch is None or options is None or not options.args.get("with_ties") or options.args.get("percent"):
        return
    order = node.args.get("order")
    if order is None or node.args.get("distinct") or node.args.get("offset") or node.args.get("qualify"):
        raise NotAdmittedError("WITH TIES without ORDER BY, or with DISTINCT or OFFSET")
    keys = [each.copy() for each in order.expressions]
    for key in keys:
        key.set("this", _meant(node, key.this).copy())
    rank = exp.Window(this=exp.Rank(), order=exp.Order(expressions=keys))
    node.set("qualify", exp.Qualify(this=exp.LTE(this=rank, expression=fetch.args["count"].copy())))
    node.set("limit", None)


def _meant(select: exp.Expr, key: exp.Expr) -> exp.Expr:
    """Return what a key that is a column's place or a given name stands for."""
    projections: list[exp.Expr] = select.expressions
    if key.is_int and 0 < int(key.name) <= len(projections):
        return projections[int(key.name) - 1].unalias()
    if not isinstance(key, exp.Column) or key.table:
        return key
    given = (each.unalias() for each in projections if each.alias.lower() == key.name.lower())
    return next(given, key)
