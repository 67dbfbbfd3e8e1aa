"""The instance that sees the lake. It runs only SQL that policies wrote."""

import secrets
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.keys import KeyRing
from lakeward.gateway.engines.duckdb.connect import connect, load_iceberg, lock

BATCH_ROWS = 65_536
_KEYS = exp.table_("lakeward_keys", db="main", catalog="memory", quoted=True)


def key_reference(label: str) -> exp.Expr:
    """Return the key of `label` as SQL: a look-up in the reader's own table, so that no text ever holds a key."""
    key = exp.column(exp.to_identifier("key", quoted=True))
    where = exp.column(exp.to_identifier("label", quoted=True)).eq(exp.Literal.string(label))
    return exp.paren(exp.select(key).from_(_KEYS.copy()).where(where), copy=False)


class Reader:
    """A warm instance over one warehouse. Statements run on cursors of their own."""

    def __init__(self, warehouse: Path, keys: KeyRing, *, memory_limit: str, threads: int) -> None:
        self._keys = keys
        self._labels: set[str] = set()
        self._connection = connect()
        load_iceberg(self._connection)
        self._connection.execute(f"CREATE TABLE {_KEYS.sql('duckdb')} (label TEXT PRIMARY KEY, key TEXT NOT NULL)")
        lock(self._connection, memory_limit=memory_limit, threads=threads, readable=[warehouse])

    def stream(self, select: exp.Query, labels: Iterable[str]) -> pa.RecordBatchReader:
        """Run a SELECT that policies wrote and stream its rows.

        Args:
            select: The statement.
            labels: The keys that it looks up.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        self._provide(labels)
        return self.cursor().execute(select.sql("duckdb", identify=True, comments=False)).to_arrow_reader(BATCH_ROWS)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor of its own for one statement."""
        return self._connection.cursor()

    def _provide(self, labels: Iterable[str]) -> None:
        """Put the keys in place that a statement looks up; a label that is new each time gets a key of its own."""
        for label in set(labels) - self._labels:
            key = secrets.token_hex(32) if label.startswith("query-local") else self._keys.derive(label).hex()
            self._connection.execute(f"INSERT OR IGNORE INTO {_KEYS.sql('duckdb')} VALUES (?, ?)", [label, key])
            self._labels.add(label)

    def close(self) -> None:
        """Close the instance."""
        self._connection.close()
