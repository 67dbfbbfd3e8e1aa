"""Writing a stream of batches into a table: data, schema and tags in one Iceberg commit."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pyarrow as pa
from pyiceberg.io.pyarrow import (
    _pyarrow_to_schema_without_ids,
    parquet_file_to_data_file,
    schema_to_pyarrow,
)
from pyiceberg.manifest import DataFile, ManifestEntry
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _OverwriteFiles

from lakeward.catalog.commit import Act, change_table, fields_of, finish
from lakeward.catalog.commit_tags import Retag
from lakeward.catalog.effective import TABLE, OwnTags, is_classified, walk
from lakeward.catalog.errors import InputError, UnavailableError
from lakeward.catalog.iceberg import (
    TableExistsError,
    UnsupportedTableError,
    ensure_namespace,
    iceberg_errors,
    load_table,
)
from lakeward.catalog.ingest.columns import check_names, fit, lake_schema, slim
from lakeward.catalog.ingest.files import WrittenFiles, written_files
from lakeward.catalog.ingest.source import Batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import TagAct
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import namespace_scope, read_table
from lakeward.catalog.rows import TableNotFoundError
from lakeward.catalog.signature import UNTAGGED
from lakeward.catalog.tables import note_owner
from lakeward.catalog.tags import PathTags, apply_acts, plan_acts
from lakeward.catalog.types import Field

Mode = Literal["create", "append", "replace"]

_METRICS = "write.metadata.metrics.default"


class SchemaMismatchError(InputError):
    """The data does not have the table's columns."""

    code = "schema-mismatch"

    def __init__(self, name: TableName, faults: list[str]) -> None:
        super().__init__(
            f"The data does not fit {name}: {'; '.join(faults)}. Nothing was written.",
            hint="Change the data, or let the table's schema follow it with --evolve.",
        )


class SchemaMovedError(UnavailableError):
    """The table's columns changed while files were being written for the old ones."""

    code = "schema-moved"

    def __init__(self, name: TableName) -> None:
        super().__init__(
            f"The columns of {name} were changed by another process meanwhile; nothing was written.",
            hint="Run the command again.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitResult:
    """What a write did; `unclassified` names the columns that stay hidden until somebody tags them."""

    table: TableName
    uuid: str
    snapshot_id: int | None
    rows: int
    files: int
    created: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    """What to write and how.

    Attributes:
        reader: The data, read once. A streaming source may fail halfway; then nothing is written.
        mode: `create` a table that is not there, `append` (creates it too), or `replace` every row.
        tags: Tags by path, set in the same commit; a path that does not exist is an error.
        evolve: Whether the table's schema may follow the data: new columns, wider types.
        keep_tags: On `replace`, whether columns keep the tags they have. Without it the new tags are the
            given ones alone, and a column that is not named becomes unclassified, because its old tags spoke
            of other data.
        recreate: On `replace`, whether the columns become new ones, whatever was there: CREATE OR REPLACE.
            Their tags are the given ones alone; with `keep_tags` also those of a column of the same path and
            type.
        snapshot_properties: Goes into the snapshot's summary; names and fingerprints, never a value.
        act: Who writes and why, for the audit record and the ledger.
        owner: Who answers for the table.
        progress: Called with the number of rows after each batch.
    """

    reader: Batches
    act: Act
    mode: Mode = "append"
    tags: PathTags = field(default_factory=dict)
    evolve: bool = False
    keep_tags: bool = False
    recreate: bool = False
    snapshot_properties: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    progress: Callable[[int], None] = lambda _rows: None

    def batches(self, target: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Give the data, fitted to the table's Arrow schema."""
        for batch in self.reader:
            yield fit(batch, target)
            self.progress(batch.num_rows)


def write_batches(  # noqa: PLR0913  one keyword each, and every caller names them
    lake: Lake,
    name: TableName,
    reader: pa.RecordBatchReader,
    *,
    mode: Mode = "append",
    tags: PathTags | None = None,
    evolve: bool = False,
    keep_tags: bool = False,
    snapshot_properties: Mapping[str, str] | None = None,
    actor: str,
    kind: str = "step",
    reason: str | None = None,
    details: Mapping[str, Any] | None = None,
    owner: str | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> CommitResult:
    """Write a stream of batches in one commit; see `Write` for what the arguments mean.

    Raises:
        TableExistsError: `create`, and the name is taken.
        SchemaMismatchError: The data does not have the table's columns, and the table may not evolve.
        UnfittingValueError: A value does not fit its column.
        UnknownTagError: The taxonomy does not hold a tag.
        ConflictError: Other writers were first every time.
    """
    act = Act(kind=kind, actor=actor, reason=reason, details=details or {})
    order = Write(
        reader=reader,
        act=act,
        mode=mode,
        tags=tags or {},
        evolve=evolve,
        keep_tags=keep_tags,
        snapshot_properties=snapshot_properties or {},
        owner=owner,
        progress=progress,
    )
    return perform(lake, name, order)


def perform(lake: Lake, name: TableName, order: Write) -> CommitResult:
    """Do what a `Write` says."""
    for tags in order.tags.values():
        for tag in tags:
            lake.taxonomy.require(tag)
    try:
        table = load_table(lake.iceberg(), name)
    except TableNotFoundError:
        return _create(lake, name, order)
    if order.mode == "create":
        raise TableExistsError(name)
    return _write(lake, name, table, order)


def rehearse(lake: Lake, name: TableName, order: Write) -> tuple[int, tuple[str, ...], bool]:
    """Do all but the writing; gives the rows, the columns that would be hidden, whether it creates."""
    for tags in order.tags.values():
        for tag in tags:
            lake.taxonomy.require(tag)
    try:
        table = load_table(lake.iceberg(), name)
    except TableNotFoundError:
        return _rehearse(lake, name, order, _new(lake, name, order), UNTAGGED.tags, creates=True)
    with iceberg_errors(name):
        transaction = table.transaction()
        _evolution(name, table, order)(transaction)
    return _rehearse(lake, name, order, transaction, read_table(lake, name).table.carried.tags, creates=False)


def _rehearse(
    lake: Lake, name: TableName, order: Write, transaction: Transaction, own: OwnTags, *, creates: bool
) -> tuple[int, tuple[str, ...], bool]:
    fields = fields_of(transaction)
    tags, _acts = _retag(name, order)(fields, own)
    scope = tags.get(TABLE, frozenset()) | namespace_scope(lake, name.namespace)
    hidden = tuple(each.name for each in fields if not is_classified(each, tags, scope, lake.taxonomy))
    with iceberg_errors(name):
        rows = sum(batch.num_rows for batch in order.batches(_arrow(transaction)))
    return rows, hidden, creates


def table_columns(table: Table) -> pa.Schema:
    """Give a table's columns as Arrow types."""
    return slim(schema_to_pyarrow(table.schema(), include_field_ids=False))


def create_empty(
    lake: Lake, name: TableName, schema: pa.Schema, *, tags: PathTags, actor: str, owner: str | None
) -> None:
    """Make a table without rows."""
    act = Act(kind="table.create", actor=actor)
    reader = pa.RecordBatchReader.from_batches(schema, [])
    perform(lake, name, Write(reader=reader, act=act, mode="create", tags=tags, owner=owner))


def _create(lake: Lake, name: TableName, order: Write) -> CommitResult:
    transaction = _new(lake, name, order)
    location = transaction.table_metadata.location
    retag = _retag(name, order)
    retag(fields_of(transaction), {})  # a path that leads nowhere is refused before a row is read
    io = transaction._table.io  # noqa: SLF001  the staged table
    with iceberg_errors(name), written_files(io, location, is_new=True) as files:
        files.write(order.batches(_arrow(transaction)), _arrow(transaction))
        if files.paths:
            _stage_files(transaction, files, order, [])
        ensure_namespace(lake.iceberg(), name)
        files.is_sealed = True
        table = finish(lake, name, transaction, _with_rows(order, files), (UNTAGGED, retag))
    if order.owner:
        note_owner(lake, str(table.metadata.table_uuid), order.owner)
    return _result(name, table, files, created=True)


def _new(lake: Lake, name: TableName, order: Write) -> Transaction:
    schema = lake_schema(order.reader.schema)
    location = f"{lake.config.warehouse.rstrip('/')}/{name.namespace}/{name.table}-{uuid.uuid4().hex[:8]}"
    with iceberg_errors(name):
        return lake.iceberg().create_table_transaction(
            (name.namespace, name.table), schema, location=location, properties={_METRICS: "none"}
        )


def _write(lake: Lake, name: TableName, table: Table, order: Write) -> CommitResult:
    if not table.spec().is_unpartitioned():
        raise UnsupportedTableError(name, "it is partitioned")
    evolve = _recreation(order) if order.recreate else _evolution(name, table, order)
    reading = read_table(lake, name)
    own = reading.own
    with iceberg_errors(name):
        planned = table.transaction()
        evolve(planned)
        target, schema = _arrow(planned), planned.table_metadata.schema()
    if order.recreate and order.keep_tags:
        kept = carried_over(reading.metadata.fields, own, fields_of(planned))
        order = replace(
            order,
            tags={path: {*order.tags.get(path, ()), *kept.get(path, ())} for path in {*kept, *order.tags}},
        )
    retag = _retag(name, order)
    retag(fields_of(planned), own)

    with iceberg_errors(name), written_files(table.io, table.location()) as files:
        files.write(order.batches(target), target)

        def stage(transaction: Transaction) -> None:
            evolve(transaction)
            if transaction.table_metadata.schema().as_struct() != schema.as_struct():
                raise SchemaMovedError(name)
            _stage_files(transaction, files, order, _present(transaction, order))

        files.is_sealed = True
        if files.paths or order.mode == "replace":
            changed = change_table(lake, name, _with_rows(order, files), retag=retag, stage=stage)
        else:
            changed = change_table(lake, name, _with_rows(order, files), retag=retag, stage=evolve)
    if order.owner:
        note_owner(lake, str(changed.metadata.table_uuid), order.owner)
    return _result(name, changed, files, created=False)


def _stage_files(transaction: Transaction, files: WrittenFiles, order: Write, gone: list[DataFile]) -> None:
    """Stage new files, and the end of the ones they replace, as one snapshot."""
    if transaction.table_metadata.properties.get(_METRICS) != "none":
        transaction.set_properties({_METRICS: "none"})
    summary = dict(order.snapshot_properties)
    if order.mode == "replace":
        stage_replacement(transaction, files, gone, summary)
        return
    with transaction.update_snapshot(snapshot_properties=summary).fast_append() as snapshot:
        for path in files.paths:
            snapshot.append_data_file(parquet_file_to_data_file(files.io, transaction.table_metadata, path))


class _Replacement(_OverwriteFiles):
    """An overwrite whose manifests do not name the files that went.

    Their entries would carry on bounds, and paths and partitions values, if another tool wrote them.
    """

    def _deleted_entries(self) -> list[ManifestEntry]:
        super()._deleted_entries()  # refuses when one of the files is gone already
        return []


def stage_replacement(
    transaction: Transaction, files: WrittenFiles, gone: list[DataFile], summary: dict[str, str] | None = None
) -> None:
    """Stage new files in the place of some old ones, as one snapshot."""
    metadata = transaction.table_metadata
    is_first = metadata.current_snapshot_id is None
    with _Replacement(
        operation=Operation.APPEND if is_first else Operation.OVERWRITE,
        transaction=transaction,
        io=files.io,
        snapshot_properties=summary or {},
    ) as snapshot:
        for each in gone:
            snapshot.delete_data_file(each)
        for path in files.paths:
            snapshot.append_data_file(parquet_file_to_data_file(files.io, metadata, path))


def _present(transaction: Transaction, order: Write) -> list[DataFile]:
    if order.mode != "replace" or transaction.table_metadata.current_snapshot_id is None:
        return []
    return [task.file for task in transaction._scan().plan_files()]  # noqa: SLF001  the scan of what is staged


def _evolution(name: TableName, table: Table, order: Write) -> Callable[[Transaction], None]:
    """Compare the data's columns with the table's; give what brings the table to them, or refuse."""
    wanted = lake_schema(order.reader.schema)
    present = table_columns(table)
    spelled = {each.casefold(): each for each in present.names}
    aligned = pa.schema([each.with_name(spelled.get(each.name.casefold(), each.name)) for each in wanted])
    faults = [f"column {each!r} is new" for each in aligned.names if each not in spelled.values()]
    faults += [f"column {each!r} is missing" for each in present.names if each not in aligned.names]
    for each in aligned:
        if each.name in spelled.values() and not _fits(each.type, present.field(each.name).type):
            faults.append(f"column {each.name!r} is {each.type}, not {present.field(each.name).type}")
    if faults and not order.evolve:
        raise SchemaMismatchError(name, faults)
    widening = pa.schema([each for each in aligned if not _narrows(each, present)])

    def evolve(transaction: Transaction) -> None:
        if faults:
            with transaction.update_schema() as update:
                update.union_by_name(_nullable(widening))

    return evolve


def _recreation(order: Write) -> Callable[[Transaction], None]:
    """Give what puts new columns in the place of all that there are."""
    wanted = lake_schema(order.reader.schema)

    def recreate(transaction: Transaction) -> None:
        held = transaction.table_metadata.schema()
        with transaction.update_schema(allow_incompatible_changes=True) as update:
            for each in held.fields:
                update.delete_column(each.name)
            for made in _pyarrow_to_schema_without_ids(wanted).fields:
                update.add_column(made.name, made.field_type, doc=made.doc)
        check_names(fields_of(transaction))

    return recreate


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([each.with_nullable(True) for each in schema])  # noqa: FBT003  pyarrow's signature


def _narrows(field_: pa.Field, present: pa.Schema) -> bool:
    return field_.name in present.names and _fits(field_.type, present.field(field_.name).type)


def _fits(given: pa.DataType, held: pa.DataType) -> bool:
    """Whether every value of one lake type is a value of another, or the two are the same."""
    return given.equals(held) or (given, held) in {(pa.int32(), pa.int64()), (pa.float32(), pa.float64())}


def _retag(name: TableName, order: Write) -> Retag:
    wanted = {path: frozenset(tags) for path, tags in order.tags.items()}

    def retag(fields: tuple[Field, ...], own: OwnTags) -> tuple[OwnTags, list[TagAct]]:
        stays = order.mode != "replace" or order.keep_tags or order.recreate
        gone = [] if stays else _stale(name, fields, own, wanted)
        kept = apply_acts(own, gone)
        acts = gone + plan_acts(name, fields, kept, "set", wanted)
        return apply_acts(own, acts), acts

    return retag


def carried_over(
    before: tuple[Field, ...], own: OwnTags, after: tuple[Field, ...]
) -> dict[str, frozenset[str]]:
    """Give the tags of columns that went, by the path of a new one of the same path and type."""
    new = {(path, str(place[1])) for each in after for path, place in walk(each).items()}
    return {
        path: own[str(place[0])]
        for each in before
        for path, place in walk(each).items()
        if str(place[0]) in own and (path, str(place[1])) in new
    }


def _stale(
    name: TableName, fields: tuple[Field, ...], own: OwnTags, wanted: Mapping[str, frozenset[str]]
) -> list[TagAct]:
    """Give the removal of every tag on a column that is not among the new ones."""
    stays = apply_acts({}, plan_acts(name, fields, {}, "set", wanted))
    places = {str(place[0]): path for each in fields for path, place in walk(each).items()}
    return [
        TagAct("remove", places.get(key, key), int(key), tag)
        for key, tags in own.items()
        if key != TABLE
        for tag in sorted(tags - stays.get(key, frozenset()))
    ]


def _arrow(transaction: Transaction) -> pa.Schema:
    """Give the Arrow schema of a table's files, with field-ids."""
    schema: Schema = transaction.table_metadata.schema()
    return slim(schema_to_pyarrow(schema, include_field_ids=True))


def _with_rows(order: Write, files: WrittenFiles) -> Act:
    details = {**order.act.details, "mode": order.mode, "rows": files.rows, "files": len(files.paths)}
    return Act(kind=order.act.kind, actor=order.act.actor, reason=order.act.reason, details=details)


def _result(name: TableName, table: Table, files: WrittenFiles, *, created: bool) -> CommitResult:
    return CommitResult(
        table=name,
        uuid=str(table.metadata.table_uuid),
        snapshot_id=table.metadata.current_snapshot_id,
        rows=files.rows,
        files=len(files.paths),
        created=created,
    )
