"""How the raw rows of a pinned table are written in SQL: the engine says it, policies only place it."""

from collections.abc import Callable

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable

Scan = Callable[[PinnedTable], exp.Expr]
"""A pinned table to what stands in FROM for all its raw rows: `exp.Table` or `exp.Subquery`, without an
alias.
"""

Pin = Callable[[TableName], PinnedTable]
"""A name to the table's one reading in this statement."""


def from_scan(scan: Scan, table: PinnedTable, alias: str) -> exp.Expr:
    """Return the scan of `table` under `alias`."""
    source = scan(table)
    source.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    return source


def column(name: str, alias: str) -> exp.Column:
    """Return a column that can mean nothing else: quoted, and qualified by an alias of ours."""
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(alias, quoted=True))
