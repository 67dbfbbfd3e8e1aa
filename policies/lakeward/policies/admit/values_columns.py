"""Columns of VALUES that have no names of their own: each dialect counts them in its way."""

from sqlglot import exp


def name_values(node: exp.Expr, prefix: str) -> None:
    """Name the columns of VALUES in a FROM by a prefix and a number, from 1, in place."""
    alias = node.args.get("alias")
    if not isinstance(node.parent, exp.From | exp.Join) or (alias is not None and alias.columns):
        return
    first = node.expressions[0]
    count = len(first.expressions) if isinstance(first, exp.Tuple) else 1
    alias = alias.copy() if alias is not None else exp.TableAlias(this=exp.to_identifier("values"))
    alias.set("columns", [exp.to_identifier(f"{prefix}{number}") for number in range(1, count + 1)])
    node.set("alias", alias)
