"""Where a subject's rows are, in every table and snapshot, and what stands in the way of erasing them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io.pyarrow import ArrowScan
from pyiceberg.schema import Schema
from pyiceberg.table import FileScanTask, Table
from pyiceberg.types import NestedField, PrimitiveType

from lakeward.catalog.erasure.subject import Subject, as_text
from lakeward.catalog.iceberg import iceberg_errors, load_table
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.purge import holding_references
from lakeward.catalog.rows import catalog_rows, table_locations

HOLD = "hold.legal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A subject's rows in one table.

    Attributes:
        name: The table.
        columns: The columns that were searched.
        rows: How many rows are the subject's now.
        past_rows: How many are in files that only older snapshots name.
        obstacles: Why they cannot be erased as things are.
        fields: The same columns by field-id, with the name under which their codes are known.
        hits: The current files that hold them.
    """

    name: TableName
    columns: tuple[str, ...]
    rows: int
    past_rows: int
    obstacles: tuple[str, ...] = ()
    fields: Mapping[int, str] = field(default_factory=dict)
    hits: tuple[FileScanTask, ...] = field(default=(), repr=False)

    @property
    def is_affected(self) -> bool:
        """Whether there is anything to erase."""
        return bool(self.rows or self.past_rows)


def search_lake(
    lake: Lake, subject: Subject, *, release: bool = False
) -> tuple[list[Found], list[TableName]]:
    """Search every table for a subject; gives what was searched, and the tables without a column to search.

    The table that says who is who comes last: while it is whole, an erasure can be given again.

    Raises:
        LakewardError: A table cannot be read, so nobody can say whether the subject is in it.
    """
    with catalog_rows(lake.catalog_engine) as connection:
        names = [TableName(each[0], each[1]) for each in table_locations(connection, lake.config.name)]
    searched: list[Found] = []
    unsearched: list[TableName] = []
    for name in sorted(names, key=lambda each: (each == subject.table, each)):
        found = search_table(lake, name, subject, release=release)
        if found is None:
            unsearched.append(name)
        else:
            searched.append(found)
    return searched, unsearched


def search_table(lake: Lake, name: TableName, subject: Subject, *, release: bool = False) -> Found | None:
    """Search one table in all its snapshots; None, when no schema of it ever had a column to search."""
    table = load_table(lake.iceberg(), name)
    columns = _columns(table, subject)
    if not columns:
        return None
    with iceberg_errors(name):
        current = list(table.scan().plan_files()) if table.metadata.current_snapshot_id is not None else []
        counts = [(task, matching(table, task, columns, subject)) for task in current]
        past = sum(matching(table, task, columns, subject) for task in _past(table, current))
    rows = sum(count for _, count in counts)
    found = Found(
        name=name,
        columns=tuple(sorted({each.name for each in columns})),
        rows=rows,
        past_rows=past,
        fields={each.field_id: each.name.casefold() for each in columns},
        hits=tuple(task for task, count in counts if count),
    )
    if not found.is_affected:
        return found
    return replace(found, obstacles=tuple(obstacles_of(lake, table, found, release=release)))


def _columns(table: Table, subject: Subject) -> list[NestedField]:
    """Give the columns that bear a searched name in any schema, those lost since too."""
    found = {
        each.field_id: NestedField(each.field_id, each.name, each.field_type, required=False)
        for schema in table.schemas().values()
        for each in schema.fields
        if each.name.casefold() in subject.codes and isinstance(each.field_type, PrimitiveType)
    }
    return list(found.values())


def _past(table: Table, current: list[FileScanTask]) -> Iterator[FileScanTask]:
    seen = {each.file.file_path for each in current}
    for snapshot in table.snapshots():
        if snapshot.snapshot_id != table.metadata.current_snapshot_id:
            for task in table.scan(snapshot_id=snapshot.snapshot_id).plan_files():
                if task.file.file_path not in seen:
                    seen.add(task.file.file_path)
                    yield task


def matching(table: Table, task: FileScanTask, columns: list[NestedField], subject: Subject) -> int:
    """Count a subject's rows in one file; also those that a delete file hides: their bytes are there."""
    numbered = [
        NestedField(each.field_id, f"c{each.field_id}", each.field_type, required=False) for each in columns
    ]
    bare = FileScanTask(task.file)
    rows = ArrowScan(table.metadata, table.io, Schema(*numbered), AlwaysTrue()).to_table([bare])
    tests = [is_code(rows[f"c{each.field_id}"], subject.codes[each.name.casefold()]) for each in columns]
    return int(pc.sum(any_of(tests)).as_py() or 0)


def is_code(column: pa.ChunkedArray, codes: frozenset[str]) -> pa.ChunkedArray:
    """Say of each value whether it is one of the codes."""
    return pc.is_in(as_text(column), value_set=pa.array(sorted(codes), pa.string()))


def any_of(tests: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Join tests by `or`."""
    joined = tests[0]
    for each in tests[1:]:
        joined = pc.or_(joined, each)
    return joined


def obstacles_of(lake: Lake, table: Table, found: Found, *, release: bool) -> Iterator[str]:
    """Say what stands in the way of erasing the rows that were found in a table."""
    pinned = lake.pin(found.name)
    if HOLD in pinned.tags:
        yield f"{HOLD} stands on the table or its namespace"
    held = [each.name for each in pinned.columns if HOLD in each.tags - pinned.tags]
    if held:
        yield f"{HOLD} stands on {', '.join(held)}"
    if not table.spec().is_unpartitioned():
        yield "it is partitioned; write it again with `lakeward table rewrite` first"
    if found.rows and not set(found.fields) <= {each.field_id for each in table.schema().fields}:
        yield "a column that names the subject was dropped; use `lakeward table rewrite` first"
    references = holding_references(table)
    if references and not release:
        yield f"branches or tags keep old snapshots: {', '.join(sorted(references))}; give --release"
