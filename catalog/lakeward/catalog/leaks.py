"""Finding values of protected columns in what describes a table: manifests, footers, sketches, partitions.

Every reader of a table's metadata reads them, and no mask stands before them. A table that lakeward wrote
holds none. One that another tool wrote may, and so may one whose columns were found to be sensitive later.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow.parquet as pq
from pyiceberg.io import FileIO
from pyiceberg.manifest import DataFile, FileFormat
from pyiceberg.table import Table
from pyiceberg.table.metadata import TableMetadata

from lakeward.catalog.effective import field_ids
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.iceberg import iceberg_errors, load_table
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.taxonomy import NONE

METRICS = "write.metadata.metrics."
Place = Literal["bounds", "footer", "partition", "statistics", "setting"]
_SAID = {
    "bounds": "manifests hold lowest and highest values",
    "footer": "Parquet footers hold statistics, indexes or Bloom filters",
    "partition": "partitions, and with them paths, hold values",
    "statistics": "statistics files hold sketches of values",
    "setting": "a setting asks writers to put values into manifests",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """One way in which values of protected columns stand outside every mask.

    Attributes:
        table: The table.
        place: Where they stand.
        columns: The columns, as far as they are known by name.
        files: In how many files.
    """

    table: TableName
    place: Place
    columns: tuple[str, ...]
    files: int

    def __str__(self) -> str:
        """Say it in a sentence, without a value."""
        of = f" of {', '.join(self.columns)}" if self.columns else ""
        return f"{self.table}: {_SAID[self.place]}{of} ({self.files} file(s))"


@dataclass(frozen=True, slots=True)
class Protection:
    """Which columns of a table are open: classified, and said to hold nothing sensitive.

    Attributes:
        open_ids: Field-ids of open columns, and of all that is nested in them.
        names: Names by field-id; one that the table has lost has none.
    """

    open_ids: frozenset[int]
    names: dict[int, str]

    def names_of(self, ids: Iterable[int]) -> tuple[str, ...]:
        """Name the columns that are protected among some field-ids."""
        held = set(ids) - self.open_ids
        return tuple(sorted({self.names.get(each, f"dropped column {each}") for each in held}))


def find_leaks(lake: Lake, name: TableName) -> list[Leak]:
    """Look through all metadata of a table, that of old snapshots too; reads footers, no rows.

    Raises:
        TableNotFoundError: There is no such table.
        WarehouseError: Its files cannot be read.
    """
    table = load_table(lake.iceberg(), name)
    held = protection(lake, name)
    found: dict[Place, list[tuple[str, ...]]] = {}
    with iceberg_errors(name):
        for place, columns in _found(table, held):
            found.setdefault(place, []).append(columns)
    return [
        Leak(
            table=name, place=place, columns=tuple(sorted({c for one in each for c in one})), files=len(each)
        )
        for place, each in found.items()
    ]


def protection(lake: Lake, name: TableName) -> Protection:
    """Say which columns of a table are open; none, where its tags do not verify."""
    try:
        columns = lake.pin(name).columns
    except LakewardError:
        return Protection(frozenset(), {})
    opened = (each for each in columns if each.is_classified and NONE in each.tags)
    return Protection(
        frozenset(field_id for each in opened for field_id in field_ids(each.field)),
        {field_id: each.name for each in columns for field_id in field_ids(each.field)},
    )


def all_files(table: Table) -> Iterator[DataFile]:
    """Give every data and delete file of every snapshot that is left, each once."""
    manifests = {each.manifest_path: each for one in table.snapshots() for each in one.manifests(table.io)}
    seen: set[str] = set()
    for manifest in manifests.values():
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=False):
            if entry.data_file.file_path not in seen:
                seen.add(entry.data_file.file_path)
                yield entry.data_file


def _found(table: Table, held: Protection) -> Iterator[tuple[Place, tuple[str, ...]]]:
    yield from _settings(table.metadata)
    for sketch in table.metadata.statistics:
        if columns := held.names_of(field for blob in sketch.blob_metadata for field in blob.fields):
            yield "statistics", columns
    for file in all_files(table):
        if columns := held.names_of(_partition_sources(table.metadata, file)):
            yield "partition", columns
        if columns := held.names_of({*(file.lower_bounds or {}), *(file.upper_bounds or {})}):
            yield "bounds", columns
        if columns := footer_columns(table.io, file, held):
            yield "footer", columns


def _settings(metadata: TableMetadata) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Look for settings by which the next writer would write values; lakeward's own table has one, `none`."""
    properties = metadata.properties
    asked = [
        key for key in properties if key.startswith(METRICS) and properties[key] not in {"none", "counts"}
    ]
    if asked or f"{METRICS}default" not in properties:
        yield "setting", tuple(key.removeprefix(f"{METRICS}column.") for key in asked if "column." in key)


def _partition_sources(metadata: TableMetadata, file: DataFile) -> Iterator[int]:
    """Give the columns whose values stand in a file's partition, whatever transform made them."""
    spec = metadata.specs().get(file.spec_id)
    for place, each in enumerate(spec.fields if spec else ()):
        if file.partition[place] is not None:
            yield each.source_id


def footer_columns(io: FileIO, file: DataFile, held: Protection) -> tuple[str, ...]:
    """Name the protected columns of which a data file's footer says more than that they are there."""
    if file.file_format != FileFormat.PARQUET:
        return ()
    try:
        with io.new_input(file.file_path).open() as stream:
            footer = pq.ParquetFile(stream).metadata
    except FileNotFoundError:
        return ()  # expired without its manifest; then it shows nothing
    ids = {each.name: _field_id(each) for each in footer.schema.to_arrow_schema()}
    told = {
        footer.schema.column(index).path.partition(".")[0]
        for group in range(footer.num_row_groups)
        for index in range(footer.num_columns)
        if _tells(footer.row_group(group).column(index))
    }
    unknown = tuple(each for each in told if ids.get(each) is None and not _is_open(each, held))
    return (*unknown, *held.names_of(found for each in told if (found := ids.get(each)) is not None))


def _is_open(name: str, held: Protection) -> bool:
    """Whether a column of a file without field-ids is open by its name."""
    return any(each == name and field_id in held.open_ids for field_id, each in held.names.items())


def _tells(column: Any) -> bool:  # noqa: ANN401  pyarrow has no types
    bloom = getattr(column, "bloom_filter_offset", None)
    return bool(column.is_stats_set or column.has_column_index or bloom)


def _field_id(field: Any) -> int | None:  # noqa: ANN401  as above
    found = (field.metadata or {}).get(b"PARQUET:field_id")
    return int(found) if found is not None else None
