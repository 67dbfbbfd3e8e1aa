"""Relations in the places of a query's tables, under the names that the query knows them by."""

from sqlglot import exp


def copy_with_tables(tree: exp.Query) -> tuple[exp.Query, dict[int, exp.Table]]:
    """Copy a tree; return the copy of each table too, by the id of the one it is of."""
    copied = tree.copy()
    tables = zip(tree.find_all(exp.Table), copied.find_all(exp.Table), strict=True)
    return copied, {id(original): copy for original, copy in tables}


def splice(node: exp.Table, relation: exp.Expr) -> exp.Subquery:
    """Replace a table by a relation under the name that the query knows it by; return its new place."""
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))
    place = exp.Subquery(this=relation, alias=alias)
    place.set("joins", node.args.get("joins"))
    node.replace(place)
    return place
