"""The instance where a user's query runs: born locked, filled with visible cells, thrown away after it."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.gateway.engines.duckdb.connect import connect, lock
from lakeward.policies.rewrite.duckdb_types import duckdb_type
from lakeward.policies.rewrite.resolve import Names

_INCOMING = "lakeward_incoming"


class Bench:
    """An empty instance under the lake's own names. It can read no file and load nothing."""

    def __init__(
        self,
        names: Names,
        *,
        memory_limit: str,
        threads: int,
        spill: Path | None = None,
        divides_whole: bool = False,
    ) -> None:
        self._names = names
        self.connection = connect()
        if divides_whole:
            self.connection.execute("SET integer_division = true")
        lock(self.connection, memory_limit=memory_limit, threads=threads, spill=spill)
        lake = exp.to_identifier(names.lake, quoted=True)
        if names.lake.casefold() != "memory":
            self._run(exp.Attach(this=exp.alias_(exp.Literal.string(":memory:"), lake)))
        self._create_namespace(names.default_namespace)
        self._run(exp.Use(this=exp.table_(names.default_namespace, db=names.lake, quoted=True)))

    def lay(
        self, name: TableName, columns: Sequence[PinnedColumn], rows: pa.RecordBatchReader | None = None
    ) -> None:
        """Make one table of the bench, and fill it from a stream; without one it stays empty.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        self._create_namespace(name.namespace)
        table = exp.table_(name.table, db=name.namespace, catalog=self._names.lake, quoted=True)
        definitions = [
            exp.ColumnDef(this=exp.to_identifier(each.name, quoted=True), kind=duckdb_type(each.type))
            for each in columns
        ]
        self._run(exp.Create(kind="TABLE", this=exp.Schema(this=table, expressions=definitions)))
        if rows is None:
            return
        self.connection.register(_INCOMING, rows)
        try:
            self._run(exp.insert(exp.select("*").from_(_INCOMING), table.copy()))
        finally:
            self.connection.unregister(_INCOMING)

    def texts(self, query: exp.Query) -> list[str]:
        """Run a query of one text column over what was laid and return its values.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        return [row[0] for row in self.connection.execute(query.sql("duckdb", identify=True)).fetchall()]

    def schema(self, text: str) -> pa.Schema:
        """Return the columns of a query over what was laid.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        return self.connection.execute(text).to_arrow_reader(1).schema

    def _create_namespace(self, namespace: str) -> None:
        schema = exp.table_("", db=namespace, catalog=self._names.lake, quoted=True)
        self._run(exp.Create(kind="SCHEMA", this=schema, exists=True))

    def _run(self, statement: exp.Expr) -> None:
        self.connection.execute(statement.sql("duckdb", identify=True))

    def close(self) -> None:
        """Throw the instance away with all that is on it."""
        self.connection.close()
