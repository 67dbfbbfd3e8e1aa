"""Which columns a query can touch, as a superset found without resolving a single one.

A column that a query uses is written in it somewhere as an identifier, or comes in unwritten: through a star,
a whole row, NATURAL, a positional alias, a pivot. So the words of a query bound its columns from above,
whatever scope, alias or nesting it uses. Too many is slower, too few is a query that fails; neither shows a
hidden cell.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.policies.rewrite.resolve import TableReference

_TAKES_EVERY_COLUMN = (exp.Columns, exp.Pivot, exp.PositionalColumn)
_MAY_HIDE_NAMES = (exp.Join, exp.TableAlias)


@dataclass(frozen=True, slots=True)
class UsedColumns:
    """Words that may name a column, folded, and the tables of which any may be used (None: of all)."""

    words: frozenset[str]
    whole: frozenset[TableName] | None

    def takes_all(self, table: TableName) -> bool:
        """Whether any column of a table may be used, also one that no word names."""
        return self.whole is None or table in self.whole

    def of(self, table: TableName, visible: tuple[PinnedColumn, ...]) -> tuple[PinnedColumn, ...]:
        """Return the columns that may be used; one at least, since rows count without one too."""
        if self.takes_all(table):
            return visible
        return tuple(each for each in visible if each.name.casefold() in self.words) or visible[:1]


def columns_used(tree: exp.Query, references: tuple[TableReference, ...]) -> UsedColumns:
    """Bound the columns that a query may use."""
    words: set[str] = set()
    whole: set[TableName] = set()
    known_as = _known_as(references)
    for node in tree.find_all(exp.Identifier, exp.Star, *_MAY_HIDE_NAMES, *_TAKES_EVERY_COLUMN):
        kind = type(node)
        if isinstance(node, exp.Identifier):
            words.add(word := node.this.casefold())
            if word in known_as and node.arg_key == "this" and type(node.parent) is exp.Column:
                whole |= known_as[word]  # a table's name as a column is its whole row
        elif isinstance(node, exp.Star):
            if (select := _expanded_in(node)) is not None:
                whole |= _tables_of(select, references)
        elif kind not in _MAY_HIDE_NAMES or _hides_names(node):
            return UsedColumns(frozenset(), None)
    return UsedColumns(frozenset(words), frozenset(whole))


def _expanded_in(star: exp.Star) -> exp.Select | None:
    """Return the SELECT whose columns a star stands for; that of `count(*)` or an EXISTS stands for rows."""
    if isinstance(star.parent, exp.Count):
        return None
    select = star.find_ancestor(exp.Select)
    if select is None or (isinstance(select.parent, exp.Exists) and star.parent is select):
        return None
    return select


def _tables_of(select: exp.Select, references: Iterable[TableReference]) -> set[TableName]:
    """Return the tables that a SELECT reads itself; those of its subqueries have stars of their own."""
    return {each.name for each in references if each.node.find_ancestor(exp.Select) is select}


def _hides_names(node: exp.Expr) -> bool:
    if isinstance(node, exp.Join):
        return node.args.get("method") == "NATURAL"
    if not (isinstance(node, exp.TableAlias) and node.columns):
        return False
    return isinstance(node.parent, exp.Table) and isinstance(node.parent.this, exp.Identifier)


def _known_as(references: Iterable[TableReference]) -> dict[str, set[TableName]]:
    """Return the tables by each word that may stand for one of them."""
    known: dict[str, set[TableName]] = {}
    for each in references:
        for word in (each.node.alias_or_name.casefold(), each.name.table):
            known.setdefault(word, set()).add(each.name)
    return known
