"""The instance where a user's query runs: born locked, filled with visible cells, thrown away after it."""

from pathlib import Path

import pyarrow as pa

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.gateway.engines.duckdb import bench_sql
from lakeward.gateway.engines.duckdb.connect import connect, lock
from lakeward.policies.rewrite.resolve import Names


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
            self.connection.execute(bench_sql.DIVIDE_WHOLE)
        lock(self.connection, memory_limit=memory_limit, threads=threads, spill=spill)
        for each in bench_sql.opening(names):
            self.connection.execute(each)

    def lay(
        self, name: TableName, columns: tuple[PinnedColumn, ...], rows: pa.RecordBatchReader | None = None
    ) -> None:
        """Make one table of the bench, and fill it from a stream; without one it stays empty.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        for each in bench_sql.table(self._names, name, columns):
            self.connection.execute(each)
        if rows is None:
            return
        self._register(rows)
        try:
            self.connection.execute(bench_sql.filling(self._names, name))
        finally:
            self.connection.unregister(bench_sql.INCOMING)

    def draw(self, name: TableName, columns: tuple[PinnedColumn, ...], rows: pa.RecordBatchReader) -> None:
        """Make one table of the bench whose rows stream through while a query runs; see `reads_once`.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        self._register(rows)
        for each in bench_sql.drawing(self._names, name, columns):
            self.connection.execute(each)

    def _register(self, rows: pa.RecordBatchReader) -> None:
        """Let the instance see rows, as a capsule: of that a second reading is an error, not no rows."""
        self.connection.register(bench_sql.INCOMING, rows.__arrow_c_stream__())

    def texts(self, text: str) -> list[str]:
        """Run a query of one text column over what was laid and return its values.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        return [row[0] for row in self.connection.execute(text).fetchall()]

    def schema(self, text: str) -> pa.Schema:
        """Return the columns of a query over what was laid.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        return self.connection.execute(text).to_arrow_reader(1).schema

    def close(self) -> None:
        """Throw the instance away with all that is on it."""
        self.connection.close()
