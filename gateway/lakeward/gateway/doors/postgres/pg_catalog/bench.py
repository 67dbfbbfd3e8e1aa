"""The instance on which one connection's catalog queries run: locked, and filled with what may be seen."""

import contextlib
import threading
from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakeward.gateway.doors.postgres.pg_catalog.macros import macros
from lakeward.gateway.doors.postgres.pg_catalog.relations import (
    INFORMATION_SCHEMA,
    PG_CATALOG,
    Asker,
    Row,
    columns,
)
from lakeward.gateway.engines.duckdb.connect import connect, lock
from lakeward.gateway.errors import LimitExceededError

SCHEMAS = {PG_CATALOG: "pg_catalog_of", INFORMATION_SCHEMA: "information_schema_of"}
"""Ours by PostgreSQL's name: the engine has schemas of those names itself, which no query may reach."""
_INCOMING = "incoming"
_SECONDS = 10.0
MOST_ROWS = 200_000


class CatalogBench:
    """Holds the relations of one connection."""

    def __init__(self, asker: Asker) -> None:
        self._connection = connect()
        self._filled: dict[tuple[str, str], Sequence[Row]] = {}
        statements = [f"CREATE SCHEMA {each}" for each in SCHEMAS.values()]
        statements += [
            f"CREATE TABLE {SCHEMAS[schema]}.{name} ({definition})"
            for schema, relations in columns().items()
            for name, definition in relations.items()
        ]
        self._connection.execute(
            ";".join([*statements, *macros(asker.principal, asker.database, asker.namespace)])
        )
        lock(self._connection, memory_limit="256MB", threads=1)

    def fill(self, rows: Mapping[tuple[str, str], Sequence[Row]]) -> None:
        """Put rows in the place of those before, where they are others."""
        for relation, now in rows.items():
            if self._filled.get(relation) != now:
                self._replace(*relation, now)
                self._filled[relation] = now

    def _replace(self, schema: str, name: str, rows: Sequence[Row]) -> None:
        table = f"{SCHEMAS[schema]}.{name}"
        self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of our own list
        if not rows:
            return
        names = sorted(rows[0])
        self._connection.register(_INCOMING, pa.Table.from_pylist([dict(each) for each in rows]))
        try:
            listed = ", ".join(names)
            self._connection.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {_INCOMING}")  # noqa: S608
        finally:
            self._connection.unregister(_INCOMING)

    def document(self, text: str) -> str:
        """Give the tree that the engine's parser makes of a text, as JSON."""
        call = exp.Anonymous(this="json_serialize_sql", expressions=[exp.Literal.string(text)])
        row = self._connection.execute(exp.select(call).sql("duckdb")).fetchone()
        return str(row[0]) if row else "{}"

    def run(self, text: str) -> pa.Table:
        """Run an admitted query and give all of its rows.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
            LimitExceededError: There are more than `MOST_ROWS`.
        """
        timer = threading.Timer(_SECONDS, self.cancel)
        timer.daemon = True
        timer.start()
        try:
            reader = self._connection.execute(text).to_arrow_reader(MOST_ROWS)
            first, more = next(reader, None), next(reader, None)
        finally:
            timer.cancel()
        if more is not None:
            raise LimitExceededError("rows")
        return pa.Table.from_batches([] if first is None else [first], reader.schema)

    def cancel(self) -> None:
        """End the query that runs."""
        with contextlib.suppress(duckdb.Error):
            self._connection.interrupt()

    def close(self) -> None:
        """Throw the instance away."""
        self._connection.close()
