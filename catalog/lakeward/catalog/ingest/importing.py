"""Importing a file into a table: read as a stream, fitted, written, and committed once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lakeward.catalog.commit import Act
from lakeward.catalog.errors import InputError
from lakeward.catalog.iceberg import load_table
from lakeward.catalog.ingest.readers import read_source
from lakeward.catalog.ingest.source import Options, Source
from lakeward.catalog.ingest.write import Write, perform, rehearse, table_columns
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import pin_table
from lakeward.catalog.rows import TableNotFoundError
from lakeward.catalog.tags import PathTags

_DECIMAL = re.compile(r"decimal\((\d{1,2}),\s*(\d{1,2})\)\Z")
_TYPES: Mapping[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"),
    "string": pa.string(),
}


class UnknownColumnTypeError(InputError):
    """A type that no column of a text format can be given."""

    code = "unknown-column-type"

    def __init__(self, column: str) -> None:
        super().__init__(
            f"Column {column!r} cannot be given that type. The types are: {', '.join(_TYPES)}, decimal(P, "
            "S).",
            hint="For example `--type zip=string`.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How to read a file: its format when its name does not tell, and the details of a text format."""

    format: str | None = None
    types: Mapping[str, str] | None = None
    delimiter: str | None = None
    nulls: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportResult:
    """What an import did, or would do; `unclassified` columns stay hidden until they are tagged."""

    table: TableName
    snapshot_id: int | None
    rows: int
    files: int
    sha256: str
    columns: Mapping[str, str]
    unclassified: tuple[str, ...]
    created: bool
    is_dry_run: bool


def import_table(  # noqa: PLR0913  one keyword each, and every caller names them
    lake: Lake,
    name: TableName,
    source: Path,
    *,
    actor: str,
    tags: PathTags | None = None,
    evolve: bool = False,
    replace: bool = False,
    dry_run: bool = False,
    owner: str | None = None,
    reading: Reading | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> ImportResult:
    """Import a Parquet, CSV, newline JSON or Arrow file into a table, which is made when it is not there.

    Args:
        lake: The lake.
        name: The table.
        source: The file.
        actor: Who imports.
        tags: Tags by path, set in the same commit.
        evolve: Whether the table's schema may follow the file.
        replace: Whether the file's rows take the place of the table's; columns keep their tags.
        dry_run: Read and check everything, write nothing.
        owner: Who answers for the table.
        reading: How to read the file.
        progress: Called with the number of rows after each batch.

    Raises:
        InvalidSourceError: The file breaks its format's rules; the error names the line.
        SchemaMismatchError: Its columns are not the table's, and the table may not evolve.
    """
    opened, facts = open_source(lake, name, source, reading or Reading())
    order = Write(
        reader=opened,
        act=Act(kind="import", actor=actor, details=facts),
        mode="replace" if replace else "append",
        tags=tags or {},
        evolve=evolve,
        keep_tags=True,
        snapshot_properties={f"lakeward.source.{key}": value for key, value in facts.items()},
        owner=owner,
        progress=progress,
    )
    return _rehearsed(lake, name, order, opened) if dry_run else perform_import(lake, name, order, opened)


def open_source(
    lake: Lake, name: TableName, source: Path, reading: Reading, *, own_types: bool = False
) -> tuple[Source, dict[str, str]]:
    """Open a file to import; gives it with its hash and format.

    With `own_types` the types of text columns are the file's own business, not those that the table has.
    """
    options = Options(_named(reading), reading.delimiter, reading.nulls) if own_types else None
    opened = read_source(source, reading.format, options or _options(lake, name, reading))
    return opened, {"sha256": opened.sha256(), "format": opened.format}


def perform_import(lake: Lake, name: TableName, order: Write, opened: Source) -> ImportResult:
    """Write what was opened, and say what became of it."""
    done = perform(lake, name, order)
    pinned = pin_table(lake, name)
    return ImportResult(
        table=name,
        snapshot_id=done.snapshot_id,
        rows=done.rows,
        files=done.files,
        sha256=order.snapshot_properties["lakeward.source.sha256"],
        columns={each.name: str(each.type) for each in opened.schema},
        unclassified=tuple(each.name for each in pinned.columns if not each.is_classified),
        created=done.created,
        is_dry_run=False,
    )


def _rehearsed(lake: Lake, name: TableName, order: Write, opened: Source) -> ImportResult:
    rows, hidden, would_create = rehearse(lake, name, order)
    return ImportResult(
        table=name,
        snapshot_id=None,
        rows=rows,
        files=0,
        sha256=order.snapshot_properties["lakeward.source.sha256"],
        columns={each.name: str(each.type) for each in opened.schema},
        unclassified=hidden,
        created=would_create,
        is_dry_run=True,
    )


def _options(lake: Lake, name: TableName, reading: Reading) -> Options:
    """Give text columns the types that the table has, or that the caller names."""
    try:
        held = {each.name.casefold(): each.type for each in table_columns(load_table(lake.iceberg(), name))}
    except TableNotFoundError:
        held = {}
    plain = {column: type_ for column, type_ in held.items() if not pa.types.is_nested(type_)}
    return Options({**plain, **_named(reading)}, reading.delimiter, reading.nulls)


def _named(reading: Reading) -> dict[str, pa.DataType]:
    return {column.casefold(): column_type(column, text) for column, text in (reading.types or {}).items()}


def column_type(column: str, text: str) -> pa.DataType:
    """Give the type that a word names.

    Raises:
        UnknownColumnTypeError: It names none.
    """
    if decimal := _DECIMAL.match(text):
        precision, scale = int(decimal[1]), int(decimal[2])
        if 1 <= precision <= 38 and scale <= precision:  # noqa: PLR2004  what Iceberg and Arrow hold
            return pa.decimal128(precision, scale)
    if text not in _TYPES:
        raise UnknownColumnTypeError(column)
    return _TYPES[text]
