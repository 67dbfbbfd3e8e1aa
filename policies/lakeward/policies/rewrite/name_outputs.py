"""Give every column of the answer the name that the engine gives it in the user's own text.

Text made from a tree is spelled in another way, and the engine names an unaliased column by its spelling;
after a rewrite that name would also show what was put in. So no expression of the answer is left without a
name of the user's own words, whatever the engine makes of them.
"""

from collections.abc import Sequence

from sqlglot import ErrorLevel, exp

_NAMED = (exp.Alias, exp.Aliases, exp.Column, exp.PositionalColumn, exp.Star)


def name_outputs(
    tree: exp.Query, asked: exp.Query, names: Sequence[str | None] | None, *, copy: bool = True
) -> exp.Query:
    """Return the tree with an alias on each unaliased expression of its outermost SELECT.

    Args:
        tree: The query that is to run.
        asked: The admitted query that it was made from.
        names: The engine's names, in order; None for a column that it expands, None for no opinion at all.
        copy: Whether to leave the given tree as it is.
    """
    named = tree.copy() if copy else tree
    select, own = _outermost_select(named), _outermost_select(asked)
    if select is None or own is None:
        return named
    if names is None or len(names) != len(own.expressions):
        names = [None] * len(own.expressions)
    projections = [_named(*each) for each in zip(select.expressions, own.expressions, names, strict=True)]
    select.set("expressions", projections)
    return named


def leaves_unnamed(tree: exp.Query) -> bool:
    """Whether a query gives a column of its answer no name of its own."""
    select = _outermost_select(tree)
    return select is not None and not all(isinstance(each, _NAMED) for each in select.expressions)


def _outermost_select(tree: exp.Expr) -> exp.Select | None:
    while isinstance(tree, exp.SetOperation | exp.Subquery):
        tree = tree.this
    return tree if isinstance(tree, exp.Select) else None


def _named(projection: exp.Expr, own: exp.Expr, name: str | None) -> exp.Expr:
    if isinstance(projection, _NAMED) or _expands(own):
        return projection
    return exp.alias_(
        projection,
        name or own.sql("duckdb", comments=False, unsupported_level=ErrorLevel.IGNORE),
        quoted=True,
        copy=False,
    )


def _expands(projection: exp.Expr) -> bool:
    """Whether it stands for several columns: it holds a star that is no subquery's and counts no rows."""
    within = projection.walk(prune=lambda node: isinstance(node, exp.Query))
    stars = (each for each in within if isinstance(each, exp.Columns | exp.Star))
    return any(isinstance(each, exp.Columns) or not isinstance(each.parent, exp.Count) for each in stars)
