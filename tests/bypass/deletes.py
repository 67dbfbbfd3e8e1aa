"""Deletes rows of an Iceberg table as other tools do: by a file of positions beside the data."""

import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, SetSnapshotRefUpdate
from pyiceberg.typedef import Record

_PATH_ID, _POSITION_ID = b"2147483546", b"2147483545"


class _Deletes(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


def delete_by_position(table: Table, positions: list[int], summary: dict[str, str]) -> None:
    """Delete rows of the table's one data file; `summary` is what the snapshot says of itself."""
    before = table.current_snapshot()
    assert before is not None
    (manifest,) = before.manifests(table.io)
    data_file = manifest.fetch_manifest_entry(table.io)[0].data_file.file_path
    folder, number = f"{table.location()}/metadata", before.snapshot_id + 1
    path = _write_positions(f"{table.location()}/data/deletes.parquet", data_file, positions)
    output = table.io.new_output(f"{folder}/deletes-m0.avro")
    with _Deletes(table.spec(), table.schema(), output, number, "null") as writer:
        writer.add_entry(_entry(path, len(positions), number))
    listed = f"{folder}/snap-{number}.avro"
    sequence = (before.sequence_number or 0) + 1
    with write_manifest_list(
        2, table.io.new_output(listed), number, before.snapshot_id, sequence, "null"
    ) as manifests:
        manifests.add_manifests([manifest, writer.to_manifest_file()])
    snapshot = Snapshot(
        snapshot_id=number,
        parent_snapshot_id=before.snapshot_id,
        sequence_number=sequence,
        timestamp_ms=int(time.time() * 1000) + 1,
        manifest_list=listed,
        summary=Summary(Operation.DELETE, **summary),
        schema_id=table.schema().schema_id,
    )
    head = SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=number)  # type: ignore[call-arg]  # by alias
    table.catalog.commit_table(table, (), (AddSnapshotUpdate(snapshot=snapshot), head))


def _write_positions(path: str, data_file: str, positions: list[int]) -> str:
    schema = pa.schema(
        [
            pa.field("file_path", pa.string(), nullable=False, metadata={b"PARQUET:field_id": _PATH_ID}),
            pa.field("pos", pa.int64(), nullable=False, metadata={b"PARQUET:field_id": _POSITION_ID}),
        ]
    )
    rows = pa.table([[data_file] * len(positions), positions], schema=schema)
    pq.write_table(rows, Path(unquote(urlsplit(path).path)))
    return path


def _entry(path: str, count: int, snapshot_id: int) -> ManifestEntry:
    size = Path(unquote(urlsplit(path).path)).stat().st_size
    bounds: dict[str, Any] = dict.fromkeys(
        (
            "column_sizes",
            "value_counts",
            "null_value_counts",
            "nan_value_counts",
            "lower_bounds",
            "upper_bounds",
        )
    )
    file = DataFile.from_args(
        _table_format_version=2,
        content=DataFileContent.POSITION_DELETES,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=count,
        file_size_in_bytes=size,
        **bounds,
        key_metadata=None,
        split_offsets=None,
        equality_ids=None,
        sort_order_id=None,
    )
    return ManifestEntry.from_args(
        status=ManifestEntryStatus.ADDED,
        snapshot_id=snapshot_id,
        sequence_number=None,
        file_sequence_number=None,
        data_file=file,
    )
