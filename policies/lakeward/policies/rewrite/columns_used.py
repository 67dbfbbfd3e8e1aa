"""Which columns a query can touch, as a superset found without resolving a single one.

A column that a query uses is written in it somewhere as an identifier, or comes in unwritten: through a star,
a whole row, NATURAL, a positional alias, a pivot. So the words of a query bound its columns from above,
whatever scope, alias or nesting it uses. Too many is slower, too few is a query that fails; neither shows a
hidden cell.
"""

from sqlglot import exp

from lakeward.policies.rewrite.resolve import TableReference

_TAKES_EVERY_COLUMN = (exp.Columns, exp.Pivot, exp.PositionalColumn)


def columns_used(tree: exp.Query, references: tuple[TableReference, ...]) -> frozenset[str] | None:
    """Return the folded words that may name a column, or None where every column may be used."""
    sources = _source_names(tree, references)
    words = set()
    for node in tree.walk():
        if isinstance(node, _TAKES_EVERY_COLUMN) or _is_star(node) or _hides_names(node):
            return None
        if isinstance(node, exp.Column) and node.name.casefold() in sources:
            return None  # may be a whole row
        if isinstance(node, exp.Identifier):
            words.add(node.name.casefold())
    return frozenset(words)


def _is_star(node: exp.Expr) -> bool:
    """A star that stands for columns; the one in `count(*)` stands for rows."""
    return isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count)


def _hides_names(node: exp.Expr) -> bool:
    if isinstance(node, exp.Join):
        return node.args.get("method") == "NATURAL"
    if not (isinstance(node, exp.TableAlias) and node.columns):
        return False
    return isinstance(node.parent, exp.Table) and isinstance(node.parent.this, exp.Identifier)


def _source_names(tree: exp.Query, references: tuple[TableReference, ...]) -> frozenset[str]:
    aliases = {alias.name.casefold() for alias in tree.find_all(exp.TableAlias) if alias.this}
    return frozenset(aliases | {reference.name.table for reference in references})
