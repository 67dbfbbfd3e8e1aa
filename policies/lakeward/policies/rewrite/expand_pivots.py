"""A PIVOT without a list of values -> one with it, so that it is a single SELECT.

The engine would run such a statement as two, the first making a type from the values that it finds. The
values are read where the query runs, on the bench, so that they are visible ones.
"""

from collections.abc import Callable, Sequence

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError

Values = Callable[[exp.Query], Sequence[str]]
"""Runs a query of one text column and returns its values."""

MAX_VALUES = 1_000


def needs_values(tree: exp.Expr) -> bool:
    """Whether a PIVOT in the tree leaves its values to the engine."""
    return any(_is_open(each) for each in tree.find_all(exp.Pivot))


def expand_pivots(tree: exp.Query, values: Values) -> exp.Query:
    """Return the tree with the values of every open PIVOT written out, in order.

    Raises:
        NotAdmittedError: A pivot would have more than `MAX_VALUES` columns.
    """
    expanded = tree.copy()
    for pivot in [each for each in expanded.find_all(exp.Pivot) if _is_open(each)]:
        on = [_with_values(each, pivot, values) for each in pivot.expressions]
        pivot.set("expressions", on)
    return expanded


def _is_open(pivot: exp.Pivot) -> bool:
    """Whether it is of the form `PIVOT t ON x` with an expression that has no IN list."""
    if pivot.args.get("unpivot") or pivot.this is None:
        return False
    return any(not isinstance(each, exp.In) for each in pivot.expressions)


def _ctes_in_sight(node: exp.Expr | None) -> exp.With | None:
    """Return every CTE that a node sees as one WITH; of two that share a name, the inner one."""
    ctes: dict[str, exp.Expr] = {}
    recursive = False
    while node is not None:
        if with_ := node.args.get("with_"):
            recursive = recursive or bool(with_.args.get("recursive"))
            ctes = {each.alias.casefold(): each.copy() for each in with_.expressions} | ctes
        node = node.parent
    return exp.With(expressions=list(ctes.values()), recursive=recursive) if ctes else None


def _with_values(expression: exp.Expr, pivot: exp.Pivot, values: Values) -> exp.Expr:
    if isinstance(expression, exp.In):
        return expression
    text = exp.cast(expression.copy(), "text", dialect="duckdb")
    query = exp.select(exp.alias_(text, "value")).from_(pivot.this.copy())
    query = query.where(exp.Not(this=exp.Is(this=expression.copy(), expression=exp.null())))
    query = query.group_by(exp.Literal.number(1)).order_by(exp.Literal.number(1))
    query.set("with_", _ctes_in_sight(pivot))
    found = values(query.limit(MAX_VALUES + 1))
    if len(found) > MAX_VALUES:
        raise NotAdmittedError(f"a pivot of more than {MAX_VALUES} values")
    literals: list[exp.Expr] = [exp.Literal.string(value) for value in found]
    return exp.In(this=expression, expressions=literals or [exp.null()])
