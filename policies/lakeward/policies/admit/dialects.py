"""The dialects as they are read here: sqlglot's own, but templates of dates stay as they were written.

sqlglot turns `to_char(x, 'FMDay')` into a format of strftime letter by letter, and so into something else
where it has no word for a part. Here `templates.py` reads them, and refuses what it does not know.
"""

from collections.abc import Mapping
from typing import Final

from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.spark import Spark
from sqlglot.dialects.trino import Trino


class PostgresAsWritten(Postgres):
    """PostgreSQL with its own templates."""

    TIME_MAPPING = {}  # noqa: RUF012 - of sqlglot's class


class SparkAsWritten(Spark):
    """Spark with Java's patterns."""

    TIME_MAPPING = {}  # noqa: RUF012 - of sqlglot's class


class TrinoAsWritten(Trino):
    """Trino with MySQL's letters behind `%`."""

    TIME_MAPPING = {}  # noqa: RUF012 - of sqlglot's class


READ_AS: Final[Mapping[str, str | type[Dialect]]] = {
    "duckdb": "duckdb",
    "postgres": PostgresAsWritten,
    "spark": SparkAsWritten,
    "trino": TrinoAsWritten,
}
