"""Columns of derived tables and CTEs that the query names none, under the names that PostgreSQL gives them.

So that `SELECT x.count FROM (SELECT count(*) FROM visit) AS x` finds its column.
"""

from sqlglot import exp

from lakeward.policies.rewrite.postgres_names import postgres_names

_NAMED = (exp.Alias, exp.Aliases, exp.Column, exp.Star, exp.Dot)


def name_inner_columns(tree: exp.Expr, text: str) -> None:
    """Name them in place, but where the SELECT uses a name itself: no alias may take a column's place."""
    for select in tree.find_all(exp.Select):
        if _is_relation(select):
            _name(select, text)


def _is_relation(select: exp.Expr) -> bool:
    """Whether a SELECT is, or gives its names to, a CTE or a relation in FROM."""
    node = select
    while isinstance(node.parent, exp.SetOperation) and node.parent.this is node:
        node = node.parent
    holder = node.parent
    if isinstance(holder, exp.Subquery):
        return isinstance(holder.parent, exp.From | exp.Join | exp.Lateral)
    return isinstance(holder, exp.CTE)


def _name(select: exp.Select, text: str) -> None:
    used = {each.name.lower() for each in select.find_all(exp.Column)}
    used |= {each.alias_or_name.lower() for each in select.expressions}
    named: list[exp.Expr] = []
    for projection, name in zip(select.expressions, postgres_names(select, text) or (), strict=True):
        if isinstance(projection, _NAMED) or name is None or name == "?column?" or name in used:
            named.append(projection)
        else:
            used.add(name)
            named.append(exp.alias_(projection, name, quoted=True, copy=False))
    select.set("expressions", named)
