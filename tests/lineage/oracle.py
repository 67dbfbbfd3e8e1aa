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
Rows = dict[str, list[list[Value]]]


def fill(tables: Tables, rows: int, rng: random.Random) -> Rows:
    """Draw the rows of every table."""
    return {
        name: [[rng.choice(column.values) for column in columns] for _ in range(rows)]
        for name, columns in tables.items()
    }


def load(connection: duckdb.DuckDBPyConnection, tables: Tables, data: Rows, only: str | None = None) -> None:
    """Put rows into tables, all or one of them."""
    for name in [only] if only else tables:
        if not only:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name.partition('.')[0]}")
        columns = tables[name]
        drawn = {each.name: pa.array([row[at] for row in data[name]]) for at, each in enumerate(columns)}
        connection.register("drawn", pa.table(drawn))
        cast = ", ".join(f'CAST("{each.name}" AS {each.type}) AS "{each.name}"' for each in columns)
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {cast} FROM drawn")


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
            load(connection, tables, data)
            before = outputs(connection, query)
            for name in read:
                for index, column in enumerate(tables[name]):
                    for changed in changes(data[name], index, column, rng):
                        load(connection, tables, {name: changed}, only=name)
                        after = outputs(connection, query)
                        moved = [each for each in before if before[each] != after.get(each)]
                        seen |= {(name, column.name.casefold(), each) for each in moved}
                load(connection, tables, data, only=name)
    return seen


def changes(
    rows: list[list[Value]], index: int, column: Column, rng: random.Random
) -> Iterator[list[list[Value]]]:
    """Give the rows with one column drawn anew, wholly and in one row, and with NULL in one row."""
    yield [_with(row, index, rng.choice(column.values)) for row in rows]
    place = rng.randrange(len(rows))
    for value in (rng.choice(column.values), None):
        yield [_with(row, index, value) if at == place else row for at, row in enumerate(rows)]


def _with(row: list[Value], index: int, value: Value) -> list[Value]:
    return [*row[:index], value, *row[index + 1 :]]
