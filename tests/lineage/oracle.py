"""The execution oracle: change one source column, run again, and see which outputs change.

An influence that is observed and not claimed is a demonstrated error; a claim that is not observed is only
suspect.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

Value = str | int | float | bool | None
WHOLE = "*"


@dataclass(frozen=True, slots=True)
class Column:
    """A source column: its type in DuckDB's words and the values that it is filled from."""

    name: str
    type: str
    values: Sequence[Value]


Tables = dict[str, list[Column]]
Rows = list[list[Value]]
Row = tuple[int, list[Value]]
"""A row, and the version of its table that it belongs to."""
_VERSION = "version_of_the_row"


def fill(tables: Tables, rows: int, rng: random.Random) -> dict[str, Rows]:
    """Draw the rows of every table."""
    return {
        name: [[rng.choice(column.values) for column in columns] for _ in range(rows)]
        for name, columns in tables.items()
    }


def load(connection: duckdb.DuckDBPyConnection, table: str, columns: list[Column], kept: list[Row]) -> None:
    """Keep every version of a table, and show under its name the one whose number `show` sets."""
    drawn = {each.name: pa.array([row[at] for _, row in kept]) for at, each in enumerate(columns)}
    numbered = pa.table(drawn | {_VERSION: pa.array([number for number, _ in kept])})
    cast = ", ".join(f'CAST("{each.name}" AS {each.type}) AS "{each.name}"' for each in columns)
    name, versions = table.partition(".")[2], f"versions.{_flat(table)}"
    connection.register("drawn", numbered)
    connection.execute(f"CREATE TABLE {versions} AS SELECT {cast}, {_VERSION} FROM drawn")
    connection.unregister("drawn")
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.partition('.')[0]}")
    connection.execute(
        f"CREATE VIEW {table} AS SELECT * EXCLUDE ({_VERSION}) FROM {versions} AS {name} "
        f"WHERE {_VERSION} = getvariable('{_flat(table)}')"
    )
    show(connection, table, 0)


def show(connection: duckdb.DuckDBPyConnection, table: str, version: int) -> None:
    """Let queries read one version of a table."""
    connection.execute(f"SET VARIABLE {_flat(table)} = {version}")


def _flat(table: str) -> str:
    return table.replace(".", "_")


def outputs(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Counter[str]]:
    """Run a query; give each output column as a multiset."""
    result = connection.execute(query)
    names = [each[0] for each in result.description or []]
    found = result.fetchall()
    return {name: Counter(repr(row[index]) for row in found) for index, name in enumerate(names)}


def influences(
    tables: Tables, query: str, read: Sequence[str], seeds: int, rows: int
) -> set[tuple[str, str, str]]:
    """Observe which source columns change which outputs: (table, column, output)."""
    seen: set[tuple[str, str, str]] = set()
    for seed in range(seeds):
        rng = random.Random(seed)  # noqa: S311  the same cases each time
        data = fill(tables, rows, rng)
        with duckdb.connect(config={"threads": 1}) as connection:
            changed = {name: _changed(tables[name], data[name], rng) for name in read}
            connection.execute("CREATE SCHEMA versions")
            for name, columns in tables.items():
                versions = [data[name], *(each for _, each in changed.get(name, []))]
                kept = [(number, row) for number, version in enumerate(versions) for row in version]
                load(connection, name, columns, kept)
            before = outputs(connection, query)
            for name in read:
                for number, (column, _) in enumerate(changed[name], start=1):
                    show(connection, name, number)
                    after = outputs(connection, query)
                    moved = [each for each in before if before[each] != after.get(each)]
                    seen |= {(name, column.name.casefold(), each) for each in moved}
                show(connection, name, 0)
    return seen


def _changed(columns: list[Column], rows: Rows, rng: random.Random) -> list[tuple[Column, Rows]]:
    """Give the rows with each column changed in every way."""
    return [
        (column, changed)
        for index, column in enumerate(columns)
        for changed in changes(rows, index, column, rng)
    ]


def changes(rows: Rows, index: int, column: Column, rng: random.Random) -> Iterator[Rows]:
    """Give the rows with one column drawn anew, wholly and in one row, and with NULL in one row."""
    yield [_with(row, index, rng.choice(column.values)) for row in rows]
    place = rng.randrange(len(rows))
    for value in (rng.choice(column.values), None):
        yield [_with(row, index, value) if at == place else row for at, row in enumerate(rows)]


def _with(row: list[Value], index: int, value: Value) -> list[Value]:
    return [*row[:index], value, *row[index + 1 :]]
