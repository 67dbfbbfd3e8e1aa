"""The instance that sees the lake. It runs only SQL that policies wrote."""

import secrets
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.keys import KeyRing
from lakeward.gateway.engines.duckdb.connect import connect, load_iceberg, lock, staging_cursor
from lakeward.gateway.engines.duckdb.keys_table import KEYS_TABLE, create_keys_table, put_keys
from lakeward.gateway.governed_relations import MADE_FOR_ONE

BATCH_ROWS = 65_536
_CATALOG, _SCHEMA, _TABLE = KEYS_TABLE


def key_reference(label: str) -> exp.Expr:
    """Return the key of `label` as SQL: a look-up in the reader's own table, so that no text holds a key."""
    table = exp.table_(_TABLE, db=_SCHEMA, catalog=_CATALOG, quoted=True)
    table.set("alias", exp.TableAlias(this=exp.to_identifier("_k", quoted=True)))
    key = exp.column("key", table="_k", quoted=True)
    where = exp.column("label", table="_k", quoted=True).eq(exp.Literal.string(label))
    return exp.select(key).from_(table).where(where).subquery(copy=False)


def key_of(label: str, keys: KeyRing) -> str:
    """Return the key of a label; one that is new with each statement is made for it and kept nowhere else."""
    return secrets.token_hex(32) if label.startswith(MADE_FOR_ONE) else keys.derive(label).hex()


class Reader:
    """A warm instance over one warehouse. Statements run on cursors of their own."""

    def __init__(
        self, warehouse: str, keys: KeyRing, *, spill: Path, memory_limit: str = "4GB", threads: int = 2
    ) -> None:
        self._keys = keys
        self._labels: set[str] = set()
        self._lock = threading.Lock()
        self._connection = connect()
        load_iceberg(self._connection)
        create_keys_table(self._connection)
        self._staging = [staging_cursor(self._connection)]
        lock(
            self._connection,
            memory_limit=memory_limit,
            threads=threads,
            readable=[Path(warehouse)],
            spill=spill,
        )

    def cursor(self, labels: Iterable[str]) -> duckdb.DuckDBPyConnection:
        """Return a cursor for one statement, with the keys in place that the statement looks up."""
        with self._lock:
            for label in set(labels) - self._labels:
                self._provide(label)
        return self._connection.cursor()

    def lend(self, labels: Iterable[str]) -> "Lent":
        """Lend a cursor whose rows a bench takes: the one made for that, or any other while it is lent."""
        plain = self.cursor(labels)
        with self._lock:
            if not self._staging:
                return Lent(plain, plain.close)
            special = self._staging.pop()
        plain.close()
        return Lent(special, lambda: self._staging.append(special))

    def _provide(self, label: str) -> None:
        put_keys(self._connection, {label: key_of(label, self._keys)})
        self._labels.add(label)

    def stream(self, cursor: duckdb.DuckDBPyConnection, select: exp.Query) -> pa.RecordBatchReader:
        """Run a SELECT that policies wrote and stream its rows.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
        """
        return cursor.execute(select.sql("duckdb", identify=True, comments=False)).to_arrow_reader(BATCH_ROWS)

    def close(self) -> None:
        """Close the instance."""
        self._connection.close()


class Lent:
    """A cursor on loan. Once it is given back, nobody who held it can interrupt who holds it next."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, give_back: Callable[[], None]) -> None:
        self.cursor = cursor
        self._give_back = give_back
        self._is_over = False
        self._lock = threading.Lock()

    def interrupt(self) -> None:
        """End what runs on it, from any thread."""
        with self._lock:
            if not self._is_over:
                self.cursor.interrupt()

    def close(self) -> None:
        """Give it back; a second time nothing happens."""
        with self._lock:
            is_first, self._is_over = not self._is_over, True
        if is_first:
            self._give_back()
