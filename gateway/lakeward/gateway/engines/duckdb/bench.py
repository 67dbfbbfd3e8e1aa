"""The instance where a user's query runs: born locked, filled with the visible cells of one statement, thrown away."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.gateway.engines.duckdb.connect import connect, lock
from lakeward.policies.rewrite.duckdb_types import duckdb_type
from lakeward.policies.rewrite.resolve import Names


class Bench:
    """An empty instance under the lake's own names. It can read no file and load nothing."""

    def __init__(self, names: Names, *, memory_limit: str, threads: int, spill: Path | None = None) -> None:
        self._names = names
        self.connection = connect()
        lock(self.connection, memory_limit=memory_limit, threads=threads, spill=spill)
        lake = exp.to_identifier(names.lake, quoted=True).sql("duckdb")
        if names.lake.casefold() != "memory":
            self.connection.execute(f"ATTACH ':memory:' AS {lake}")
        self._create_namespace(names.default_namespace)
        self.connection.execute(f"USE {lake}.{_quoted(names.default_namespace)}")

    def lay(self, name: TableName, columns: Sequence[PinnedColumn], rows: pa.RecordBatchReader) -> None:
        """Fill one table of the bench from a stream.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        self._create_namespace(name.namespace)
        table = exp.table_(name.table, db=name.namespace, catalog=self._names.lake, quoted=True).sql("duckdb")
        definitions = ", ".join(f"{_quoted(each.name)} {duckdb_type(each.type).sql('duckdb')}" for each in columns)
        self.connection.execute(f"CREATE TABLE {table} ({definitions})")
        self.connection.register("lakeward_incoming", rows)
        try:
            self.connection.execute(f"INSERT INTO {table} SELECT * FROM lakeward_incoming")
        finally:
            self.connection.unregister("lakeward_incoming")

    def texts(self, query: exp.Query) -> list[str]:
        """Run a query of one text column over what was laid and return its values.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        return [row[0] for row in self.connection.execute(query.sql("duckdb", identify=True)).fetchall()]

    def _create_namespace(self, namespace: str) -> None:
        lake = _quoted(self._names.lake)
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {lake}.{_quoted(namespace)}")

    def close(self) -> None:
        """Throw the instance away with all that is on it."""
        self.connection.close()


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")
