"""A table before it exists: its name, its Arrow schema and the tags of each column."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

TEXT = pa.string()
DAY = pa.date32()
MOMENT = pa.timestamp("us")
NUMBER = pa.float64()
COUNT = pa.int64()
SMALL = pa.int32()
FLAG = pa.bool_()

HARMLESS = "sensitivity.none"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, Arrow type and tags. No tags means hidden, which only a late column may be."""

    name: str
    type: pa.DataType
    tags: tuple[str, ...]


def column(name: str, type_: pa.DataType, *tags: str) -> Column:
    """Describe a column; without a tag it is declared harmless."""
    return Column(name, type_, tags or (HARMLESS,))


def late_column(name: str, type_: pa.DataType) -> Column:
    """Describe a column that arrives later, unclassified: hidden until a steward tags it."""
    return Column(name, type_, ())


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table of the example."""

    name: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, columns in order, all nullable."""
        return pa.schema([pa.field(each.name, each.type) for each in self.columns])

    @property
    def tags(self) -> dict[str, list[str]]:
        """The tags to set, by column; untagged columns are left out."""
        return {each.name: list(each.tags) for each in self.columns if each.tags}

    @property
    def unclassified(self) -> dict[str, list[Any]]:
        """The columns that nobody has classified, each with no claim yet about where its values come from."""
        return {each.name: [] for each in self.columns if not each.tags}

    def table(self, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
        """Build a table from rows; a missing key is a null, so sparse sources need no care."""
        return pa.Table.from_pylist([dict(row) for row in rows], schema=self.schema)

    def without(self, *names: str) -> "TableSpec":
        """Return the same table before these columns arrived."""
        return TableSpec(self.name, tuple(each for each in self.columns if each.name not in names))


def spec(name: str, *columns: Column) -> TableSpec:
    """Describe a table."""
    return TableSpec(name, columns)
