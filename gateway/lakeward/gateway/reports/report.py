"""A report: what it says in rows, and what whoever reads it must know."""

from collections.abc import Iterator
from dataclasses import dataclass

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import catalog_rows, table_locations

SMALLEST = 11
"""Counts below it are not shown: the minimum cell size of the Centers for Medicare & Medicaid Services."""

Cell = str | int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Rows of names and counts. `notes` say what the report cannot tell; `status` is a column of it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]


def shown(count: int, *, exact: bool) -> Cell:
    """Give a count of persons as a report shows it; a small one only where that is allowed."""
    return count if exact or count == 0 or count >= SMALLEST else f"<{SMALLEST}"


def table_names(lake: Lake) -> Iterator[TableName]:
    """Give the name of every table."""
    with catalog_rows(lake.catalog_engine) as connection:
        places = table_locations(connection, lake.config.name)
    return (TableName(namespace, table) for namespace, table, _ in places)
