"""The instance on which one connection's catalog queries run: locked, and filled with what may be seen."""

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.doors.postgres.pg_catalog.macros import PREFIX, macros
from lakeward.gateway.doors.postgres.pg_catalog.relations import (
    INFORMATION_SCHEMA,
    PG_CATALOG,
    Asker,
    Row,
    columns,
)
from lakeward.gateway.engines.apart import MEMORY, ROWS_AT_ONCE, Apart, gathered
from lakeward.gateway.engines.duckdb.bench_sql import INCOMING
from lakeward.gateway.engines.duckdb.connect import connect, lock

SCHEMAS = {PG_CATALOG: "pg_catalog_of", INFORMATION_SCHEMA: "information_schema_of"}
"""Ours by PostgreSQL's name: the engine has schemas of those names itself, which no query may reach."""
_SCHEMAS_MADE = [f"CREATE SCHEMA {each}" for each in SCHEMAS.values()]
_MACRO = re.compile(rf"\b{PREFIX}\w+", re.IGNORECASE)


class CatalogBench:
    """Holds the relations of one connection."""

    def __init__(self, asker: Asker) -> None:
        self._connection = connect()
        self._filled: dict[tuple[str, str], Sequence[Row]] = {}
        self._tables = {
            (schema, name): f"CREATE TABLE {SCHEMAS[schema]}.{name} ({definition})"
            for schema, relations in columns().items()
            for name, definition in relations.items()
        }
        made = macros(asker.principal, asker.database, asker.namespace)
        self._macros = {_MACRO.findall(each)[0]: each for each in made}
        self._connection.execute(";".join([*_SCHEMAS_MADE, *self._tables.values(), *made]))
        lock(self._connection, memory_limit=MEMORY, threads=1)

    def fill(self, rows: Mapping[tuple[str, str], Sequence[Row]]) -> None:
        """Put rows in the place of those before, where they are others."""
        for relation, now in rows.items():
            if self._filled.get(relation) != now:
                self._replace(*relation, now)
                self._filled[relation] = now

    def _replace(self, schema: str, name: str, rows: Sequence[Row]) -> None:
        self._connection.execute(f"DELETE FROM {SCHEMAS[schema]}.{name}")  # noqa: S608 - a name of our own list
        if not rows:
            return
        insert, table = _filling(schema, name, rows)
        self._connection.register(INCOMING, table)
        try:
            self._connection.execute(insert)
        finally:
            self._connection.unregister(INCOMING)

    def apart(self, text: str) -> Apart:
        """Give a query with the relations and macros that it may name, to run elsewhere."""
        made = self._macros_in(text)
        texts = (text, *made)
        named = [each for each in self._tables if any(each[1] in one for one in texts)]
        fills = [_filling(*each, rows) for each in named if (rows := self._filled.get(each))]
        making = ['USE "memory"', *_SCHEMAS_MADE, *(self._tables[each] for each in named), *made]
        return Apart(making=tuple(making), fills=tuple(fills), text=text)

    def _macros_in(self, text: str) -> list[str]:
        """Give the macros that a text may call, and those that they call."""
        found, waiting = dict[str, str](), [text]
        while waiting:
            for name in map(str.lower, _MACRO.findall(waiting.pop())):
                if name in self._macros and name not in found:
                    found[name] = self._macros[name]
                    waiting.append(found[name])
        return list(found.values())

    def document(self, text: str) -> str:
        """Give the tree that the engine's parser makes of a text, as JSON."""
        call = exp.Anonymous(this="json_serialize_sql", expressions=[exp.Literal.string(text)])
        row = self._connection.execute(exp.select(call).sql("duckdb")).fetchone()
        return str(row[0]) if row else "{}"

    def run(self, text: str, ending: Cancellation) -> pa.Table:
        """Run an admitted query here and give all of its rows.

        Raises:
            duckdb.Error: The caller turns it into words of ours.
            LimitExceededError: There are too many rows.
        """
        ending.on_cancel(self.cancel)
        reader = self._connection.execute(text).to_arrow_reader(ROWS_AT_ONCE)
        return gathered(reader.schema, reader)

    def cancel(self) -> None:
        """End the query that runs."""
        with contextlib.suppress(duckdb.Error):
            self._connection.interrupt()

    def close(self) -> None:
        """Throw the instance away."""
        self._connection.close()


def _filling(schema: str, name: str, rows: Iterable[Row]) -> tuple[str, pa.Table]:
    """Give what fills a relation from rows that come in, and the rows."""
    table = pa.Table.from_pylist([dict(each) for each in rows])
    listed = ", ".join(sorted(table.column_names))
    into = f"{SCHEMAS[schema]}.{name} ({listed})"
    return f"INSERT INTO {into} SELECT {listed} FROM {INCOMING}", table  # noqa: S608 - names of our own lists
