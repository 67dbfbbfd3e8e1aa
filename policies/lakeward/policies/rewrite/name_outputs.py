"""Give every column of the answer the name that the engine gives it in the user's own text.

Text made from a tree is spelled in another way, and the engine names an unaliased column by its spelling;
after a rewrite that name would also show what was put in.
"""

from collections.abc import Sequence

from sqlglot import exp


def name_outputs(tree: exp.Query, names: Sequence[str | None] | None, *, copy: bool = True) -> exp.Query:
    """Return the tree with an alias on each unaliased expression of its outermost SELECT.

    Args:
        tree: The admitted query.
        names: The engine's names, in order; None for a column that it expands, None for no opinion at all.
        copy: Whether to leave the given tree as it is.
    """
    named = tree.copy() if copy else tree
    select = _outermost_select(named)
    if select is None or names is None or len(names) != len(select.expressions):
        return named
    projections = [_named(each, name) for each, name in zip(select.expressions, names, strict=True)]
    select.set("expressions", projections)
    return named


def _outermost_select(tree: exp.Expr) -> exp.Select | None:
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    return tree if isinstance(tree, exp.Select) else None


def _named(projection: exp.Expr, name: str | None) -> exp.Expr:
    if name is None or isinstance(projection, exp.Alias | exp.Aliases | exp.Column | exp.Star):
        return projection
    if projection.find(exp.Columns, exp.Star) and not projection.find(exp.Count):
        return projection
    return exp.alias_(projection, name, quoted=True, copy=False)
