"""Subqueries that give one row at most, whatever the data."""

from collections.abc import Iterator

from sqlglot import exp

from lakeward.policies.rewrite.fuse.sure import aggregates

_MULTIPLY = (exp.Explode,)
"""Gives a row for each element of a list."""
_SETS = ("cube", "rollup", "grouping_sets", "all", "totals")


def gives_one_row(select: exp.Expr) -> bool:
    """Whether a SELECT gives no more than a row: a total, or a group of which each key is one constant."""
    if not isinstance(select, exp.Select) or select.find(*_MULTIPLY):
        return False
    if (group := select.args.get("group")) is None:
        return aggregates(select.expressions[0])
    keys = group.expressions
    if not keys or any(group.args.get(each) for each in _SETS):
        return False
    named = {each.alias.casefold() for each in select.expressions if isinstance(each, exp.Alias)}
    known = {_key(each) for each in _fixed(select)}
    return all(_key(each) in known and each.name.casefold() not in named for each in keys)


def _fixed(select: exp.Select) -> Iterator[exp.Column]:
    """Columns that a condition of the SELECT holds to be one constant.

    Of numbers whole ones but 0, for there are two zeros among doubles.
    """
    where = select.args.get("where")
    parts = (
        list(where.this.flatten()) if where and isinstance(where.this, exp.And) else [where and where.this]
    )
    for each in parts:
        if isinstance(each, exp.EQ) and isinstance(each.this, exp.Column) and _is_constant(each.expression):
            yield each.this


def _is_constant(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Literal):
        return False
    return bool(node.is_string) or (node.name.isdecimal() and int(node.name) > 0)


def _key(node: exp.Expr) -> tuple[str, ...] | None:
    """The name of a column as it stands there; None of anything else."""
    return tuple(part.name.casefold() for part in node.parts) if isinstance(node, exp.Column) else None
