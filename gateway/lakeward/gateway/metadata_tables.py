"""Metadata tables as governed relations: `"visit$snapshots"` goes the way of every other table.

Who may read something of a table may see its snapshots and history. How many rows there are, and files and
partitions, which are made of all rows, are for those alone to whom a grant shows every row. Bounds, paths,
partition values and summaries are in none of them.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeward.catalog.lake import Lake
from lakeward.catalog.metadata import TableMetadata
from lakeward.catalog.metadata_name import MetadataName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.types import Field, PrimitiveType
from lakeward.policies.decision import CellGrant, NothingVisibleError, ReadRestrictions
from lakeward.policies.masks import CLEAR

Value = int | str | None
Row = tuple[Value, ...]

_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "snapshots": {
        "snapshot_id": "long", "parent_id": "long", "committed_at": "timestamptz", "operation": "string",
        "schema_id": "int", "records": "long", "added_records": "long", "deleted_records": "long",
    },
    "history": {"made_current_at": "timestamptz", "snapshot_id": "long", "parent_id": "long"},
    "files": {"content": "string", "file_format": "string", "records": "long", "bytes": "long"},
    "partitions": {"spec_id": "int", "files": "long", "records": "long", "bytes": "long"},
}  # fmt: skip
_OF_ALL_ROWS = frozenset({"files", "partitions"})
_OPERATIONS = frozenset({"append", "overwrite", "replace", "delete"})


@dataclass(frozen=True, kw_only=True, slots=True)
class MetadataTable(PinnedTable):
    """A metadata table with its rows."""

    rows: tuple[Row, ...]


def pin_metadata(lake: Lake, name: MetadataName, base: PinnedTable, *, sees_all: bool) -> MetadataTable:
    """Read a metadata table off the metadata file that its table is pinned at.

    Args:
        lake: The lake.
        name: The metadata table.
        base: Its table.
        sees_all: Whether counts of rows may show.

    Raises:
        NothingVisibleError: It is made of all rows, and these may not show.
    """
    if name.kind in _OF_ALL_ROWS and not sees_all:
        raise NothingVisibleError
    rows = tuple(_READ[name.kind](lake, lake.metadata(base.metadata_location), sees_all))
    columns = tuple(
        PinnedColumn(
            field=Field(field_id=place, name=column, type=PrimitiveType(type_), required=False),
            tags=frozenset(),
            is_classified=True,
        )
        for place, (column, type_) in enumerate(_COLUMNS[name.kind].items(), 1)
    )
    return MetadataTable(
        name=name,
        uuid=base.uuid,
        metadata_location=f"{base.metadata_location}${name.kind}",
        snapshot_id=base.snapshot_id,
        schema_id=base.schema_id,
        columns=columns,
        tags=frozenset(),
        location=base.location,
        rows=rows,
    )


def decide_metadata(lake: Lake, name: MetadataName, base: ReadRestrictions) -> ReadRestrictions:
    """Decide on a metadata table by the decision on its table.

    Raises:
        NothingVisibleError: It is not for the principal.
    """
    table = pin_metadata(lake, name, base.table, sees_all=sees_every_row(base))
    masks = {each.field_id: CLEAR for each in table.columns}
    grants = tuple(
        CellGrant(grant_id=each.grant_id, row_filter=None, masks=masks, until=each.until)
        for each in base.grants
    )
    return replace(base, table=table, grants=grants, row_filters=(), reasons={})


def sees_every_row(restrictions: ReadRestrictions) -> bool:
    """Whether no row of a table is hidden from a principal, now or in a snapshot before an erasure."""
    unfiltered = any(each.row_filter is None for each in restrictions.grants)
    return unfiltered and not restrictions.row_filters and not restrictions.table.holds_erased


def _snapshots(_lake: Lake, metadata: TableMetadata, sees_all: bool) -> Iterator[Row]:  # noqa: FBT001
    for each in metadata.snapshots:
        summary = each.get("summary") or {}
        operation = summary.get("operation")
        counts = ("total-records", "added-records", "deleted-records")
        yield (
            int(each["snapshot-id"]),
            _whole(each.get("parent-snapshot-id")),
            _moment(each["timestamp-ms"]),
            operation if operation in _OPERATIONS else None,
            _whole(each.get("schema-id")),
            *(_whole(summary.get(count)) if sees_all else None for count in counts),
        )


def _history(_lake: Lake, metadata: TableMetadata, _sees_all: bool) -> Iterator[Row]:  # noqa: FBT001
    for each in metadata.raw.get("snapshot-log") or []:
        snapshot = metadata.snapshot(int(each["snapshot-id"]))
        parent = _whole(snapshot.get("parent-snapshot-id")) if snapshot else None
        yield _moment(each["timestamp-ms"]), int(each["snapshot-id"]), parent


def _files(lake: Lake, metadata: TableMetadata, _sees_all: bool) -> Iterator[Row]:  # noqa: FBT001
    for _spec, content, form, records, size in _entries(lake, metadata):
        yield content, form, records, size


def _partitions(lake: Lake, metadata: TableMetadata, _sees_all: bool) -> Iterator[Row]:  # noqa: FBT001
    found: dict[int, tuple[int, int, int]] = {}
    for spec, _content, _form, records, size in _entries(lake, metadata):
        files, before, bytes_ = found.get(spec, (0, 0, 0))
        found[spec] = (files + 1, before + records, bytes_ + size)
    yield from ((spec, *each) for spec, each in sorted(found.items()))


def _entries(lake: Lake, metadata: TableMetadata) -> Iterator[tuple[int, str, str, int, int]]:
    from pyiceberg.table import StaticTable  # noqa: PLC0415  pyiceberg, for manifests only

    from lakeward.catalog.iceberg import iceberg_errors  # noqa: PLC0415

    name = MetadataName("metadata", "of$files")
    with iceberg_errors(name):
        table = StaticTable.from_metadata(metadata.location, lake.config.properties)
        snapshot = table.current_snapshot()
        for manifest in snapshot.manifests(table.io) if snapshot else ():
            for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
                file = entry.data_file
                yield (
                    file.spec_id, file.content.name.lower(), str(file.file_format.value).lower(),
                    file.record_count, file.file_size_in_bytes,
                )  # fmt: skip


_READ: Mapping[str, Callable[[Lake, TableMetadata, bool], Iterator[Row]]] = {
    "snapshots": _snapshots,
    "history": _history,
    "files": _files,
    "partitions": _partitions,
}


def _whole(value: Any) -> int | None:  # noqa: ANN401  whatever a metadata file holds
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else None


def _moment(milliseconds: int) -> str:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).isoformat()
