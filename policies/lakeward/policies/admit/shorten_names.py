"""`schema.table.column`, as Metabase names every column, where `table.column` says the same."""

from sqlglot import exp


def shorten_names(tree: exp.Expr) -> None:
    """Take the schema from the names of columns where only one table can be meant; the tree is changed.

    What is proven of a statement is proven of names of one and two parts: three may be a field of a column.
    """
    long = [each for each in tree.find_all(exp.Column) if each.args.get("db")]
    if not long:
        return
    known = _relations(tree)
    for column in long:
        schema, table = column.args["db"].name.casefold(), column.table.casefold()
        is_sure = schema not in known and known.get(table) == {(schema, table)}
        if is_sure and not column.args.get("catalog"):
            column.set("db", None)


def _relations(tree: exp.Expr) -> dict[str, set[tuple[str, str] | None]]:
    """Give what each name of a relation stands for: a table and its schema, None for whatever else."""
    found: dict[str, set[tuple[str, str] | None]] = {}
    for table in tree.find_all(exp.Table):
        if not table.alias:
            key = (table.db.casefold(), table.name.casefold())
            found.setdefault(key[1], set()).add(key if not table.catalog else None)
    for alias in tree.find_all(exp.TableAlias):
        found.setdefault(alias.name.casefold(), set()).add(None)
    return found
