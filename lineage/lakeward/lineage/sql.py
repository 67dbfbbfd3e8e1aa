"""Column lineage of a statement that is only text, over the tables of a lake."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import InvalidTableNameError, TableName
from lakeward.catalog.rows import TableNotFoundError
from lakeward.lineage.columns import column_lineage
from lakeward.lineage.edges import ColumnLineage
from lakeward.lineage.errors import UnreadableSqlError


def sql_lineage(lake: Lake, sql: str, dialect: str = "duckdb") -> ColumnLineage:
    """Find the lineage of one statement over the lake's present tables; nothing is run or recorded.

    Raises:
        UnreadableSqlError: The text is no statement of that dialect.
        NoLineageError: It is a statement of another kind than a query.
    """
    try:
        statements = sqlglot.parse(sql, dialect=dialect)
    except (SqlglotError, ValueError, RecursionError):  # an unknown dialect is a ValueError
        raise UnreadableSqlError(dialect) from None
    if len(statements) != 1 or statements[0] is None:
        raise UnreadableSqlError(dialect)
    namespace = lake.config.default_namespace
    return column_lineage(statements[0], _schema(lake, statements[0]), default_namespace=namespace)


def _schema(lake: Lake, statement: exp.Expr) -> dict[str, list[str]]:
    """Give the columns of every table that a name in the statement could mean."""
    schema: dict[str, list[str]] = {}
    for node in statement.find_all(exp.Table):
        parts = [part.name.casefold() for part in node.parts]
        try:
            name = TableName(*([lake.config.default_namespace, *parts][-2:]))
            schema[str(name)] = [each.name for each in lake.pin(name).columns]
        except (InvalidTableNameError, TableNotFoundError):
            continue  # a CTE, the table to be made, or one that is not there: lineage then claims everything
    return schema
