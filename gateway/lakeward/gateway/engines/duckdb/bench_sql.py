"""The statements that make a bench: an empty database under the lake's names, one table for each stage."""

import functools
from typing import Final

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.policies.rewrite.duckdb_types import duckdb_type
from lakeward.policies.rewrite.resolve import Names

INCOMING: Final = "lakeward_incoming"
"""The name under which the rows of a stage come in."""

DIVIDE_WHOLE: Final = "SET integer_division = true"
"""Makes `/` of two integers an integer, as some dialects have it; said before the lock."""


@functools.lru_cache(maxsize=1_000)
def opening(names: Names) -> tuple[str, ...]:
    """Return what makes an empty instance bear the lake's names."""
    statements: list[exp.Expr] = []
    if names.lake.casefold() != "memory":
        lake = exp.to_identifier(names.lake, quoted=True)
        statements.append(exp.Attach(this=exp.alias_(exp.Literal.string(":memory:"), lake)))
    statements.append(_namespace(names, names.default_namespace))
    statements.append(exp.Use(this=exp.table_(names.default_namespace, db=names.lake, quoted=True)))
    return tuple(_text(each) for each in statements)


@functools.lru_cache(maxsize=1_000)
def table(names: Names, name: TableName, columns: tuple[PinnedColumn, ...]) -> tuple[str, ...]:
    """Return what makes the empty table of a stage."""
    definitions = [
        exp.ColumnDef(this=exp.to_identifier(each.name, quoted=True), kind=duckdb_type(each.type))
        for each in columns
    ]
    made = exp.Create(kind="TABLE", this=exp.Schema(this=_table(names, name), expressions=definitions))
    return _text(_namespace(names, name.namespace)), _text(made)


@functools.lru_cache(maxsize=1_000)
def filling(names: Names, name: TableName) -> str:
    """Return what fills the table of a stage from the rows that come in."""
    return _text(exp.insert(exp.select("*").from_(INCOMING), _table(names, name)))


@functools.lru_cache(maxsize=1_000)
def drawing(names: Names, name: TableName, columns: tuple[PinnedColumn, ...]) -> tuple[str, ...]:
    """Return what makes a stage out of the rows that come in, without laying them: one query may draw them.

    The types are said, as a table would have them; a cast to the type that a column has costs nothing.
    """
    cells = [
        exp.alias_(
            exp.cast(exp.column(each.name, quoted=True), duckdb_type(each.type)), each.name, quoted=True
        )
        for each in columns
    ]
    source = exp.table_(INCOMING, db="main", catalog="temp", quoted=True)
    made = exp.Create(kind="VIEW", this=_table(names, name), expression=exp.select(*cells).from_(source))
    return _text(_namespace(names, name.namespace)), _text(made)


def _table(names: Names, name: TableName) -> exp.Table:
    return exp.table_(name.table, db=name.namespace, catalog=names.lake, quoted=True)


def _namespace(names: Names, namespace: str) -> exp.Expr:
    schema = exp.table_("", db=namespace, catalog=names.lake, quoted=True)
    return exp.Create(kind="SCHEMA", this=schema, exists=True)


def _text(statement: exp.Expr) -> str:
    return statement.sql("duckdb", identify=True)
