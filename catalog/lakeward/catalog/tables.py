"""Tables: created, listed, described, followed, evolved, dropped. Reading imports nothing heavy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import pin_table, read_table
from lakeward.catalog.rows import catalog_rows, metadata_location, table_locations
from lakeward.catalog.store.schema import table_owner
from lakeward.catalog.tags import PathTags, TagListing, list_tags
from lakeward.catalog.types import DataType, Field

if TYPE_CHECKING:
    import pyarrow as pa
    from pyiceberg.table import Transaction
    from pyiceberg.table.update.schema import UpdateSchema


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSummary:
    """One table in a list; `problem` says why it cannot be read, when it cannot."""

    name: TableName
    rows: int | None
    columns: int
    unclassified: int
    snapshots: int
    changed: datetime | None
    owner: str | None
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnDescription:
    """One column, or a field nested in one; `is_hidden` when nobody has classified it.

    `is_held_back` says that it bears tags of its own and is hidden all the same: another tool renamed it, or
    a change of tags is under way.
    """

    path: str
    field_id: int
    type: DataType
    required: bool
    doc: str | None
    own_tags: frozenset[str]
    tags: frozenset[str]
    is_hidden: bool
    is_held_back: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotDescription:
    """One snapshot, with what its writer noted; `refs` are the branches and tags at it."""

    snapshot_id: int
    parent_id: int | None
    at: datetime
    operation: str
    rows: int | None
    added_rows: int | None
    schema_id: int | None
    refs: tuple[str, ...]
    summary: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableDescription:
    """What there is to know of a table without reading its data."""

    name: TableName
    uuid: str
    location: str
    snapshot_id: int | None
    schema_id: int
    rows: int | None
    owner: str | None
    tags: frozenset[str]
    columns: tuple[ColumnDescription, ...]
    snapshots: tuple[SnapshotDescription, ...]

    @property
    def hidden(self) -> tuple[str, ...]:
        """The paths that are hidden because nobody has classified them."""
        return tuple(each.path for each in self.columns if each.is_hidden and "." not in each.path)


def create_table(
    lake: Lake,
    name: TableName,
    schema: "pa.Schema",
    *,
    tags: PathTags | None = None,
    actor: str,
    owner: str | None = None,
) -> TableDescription:
    """Make an empty table with its tags, in one commit.

    Raises:
        TableExistsError: The name is taken.
        UnsupportedColumnError: A column has a name or type that a table cannot hold.
    """
    from lakeward.catalog.ingest.write import create_empty  # noqa: PLC0415  pyiceberg, for writers only

    create_empty(lake, name, schema, tags=tags or {}, actor=actor, owner=owner)
    return describe_table(lake, name)


def list_tables(lake: Lake) -> list[TableSummary]:
    """Give every table, by name. A table that cannot be read is listed with its problem."""
    with catalog_rows(lake.catalog_engine) as connection:
        names = [TableName(each[0], each[1]) for each in table_locations(connection, lake.config.name)]
    with lake.store.reading() as connection:
        owners = {row.table_uuid: row.owner for row in connection.execute(select(table_owner))}
    return [_summary(lake, name, owners) for name in names]


def _summary(lake: Lake, name: TableName, owners: Mapping[str, str]) -> TableSummary:
    try:
        pinned = pin_table(lake, name)
    except LakewardError as error:
        return TableSummary(
            name=name,
            rows=None,
            columns=0,
            unclassified=0,
            snapshots=0,
            changed=None,
            owner=None,
            problem=error.code,
        )
    raw = lake.metadata(pinned.metadata_location).raw
    return TableSummary(
        name=name,
        rows=_rows(raw, pinned.snapshot_id),
        columns=len(pinned.columns),
        unclassified=sum(not each.is_classified for each in pinned.columns),
        snapshots=len(raw.get("snapshots") or []),
        changed=_moment(raw["last-updated-ms"]),
        owner=owners.get(pinned.uuid),
    )


def describe_table(lake: Lake, name: TableName) -> TableDescription:
    """Describe a table: schema, tags, snapshots, rows and owner.

    Raises:
        TableNotFoundError: There is no such table.
        UnverifiedTagsError: Its tags do not verify.
    """
    pinned = pin_table(lake, name)
    metadata = lake.metadata(pinned.metadata_location)
    held_back = {each.field_id for each in pinned.columns if not each.is_classified}
    reading = read_table(lake, name)
    doubtful = {each.field_id for each in metadata.fields if reading.is_held_back(each)}
    return TableDescription(
        name=name,
        uuid=pinned.uuid,
        location=pinned.location,
        snapshot_id=pinned.snapshot_id,
        schema_id=pinned.schema_id,
        rows=_rows(metadata.raw, pinned.snapshot_id),
        owner=_owner(lake, pinned.uuid),
        tags=pinned.tags,
        columns=tuple(
            replace(each, is_held_back=each.field_id in doubtful and bool(each.own_tags))
            for each in _columns(metadata.fields, list_tags(lake, name)[1:], held_back)
        ),
        snapshots=tuple(table_history(lake, name)),
    )


def _columns(
    fields: tuple[Field, ...], listed: list[TagListing], held_back: set[int]
) -> list[ColumnDescription]:
    from lakeward.catalog.effective import walk  # noqa: PLC0415

    top = {each.name: each for each in fields}
    places = {path: place for field in fields for path, place in walk(field).items()}
    described = []
    for each in listed:
        field_id, type_ = places[each.path]
        field = top.get(each.path)
        described.append(
            ColumnDescription(
                path=each.path,
                field_id=field_id,
                type=type_,
                required=bool(field and field.required),
                doc=field.doc if field else None,
                own_tags=each.own,
                tags=each.effective,
                is_hidden=not each.is_classified or field_id in held_back,
            )
        )
    return described


def table_history(lake: Lake, name: TableName) -> list[SnapshotDescription]:
    """Give every snapshot that is left of a table, oldest first."""
    with catalog_rows(lake.catalog_engine) as connection:
        raw = lake.metadata(metadata_location(connection, lake.config.name, name)).raw
    refs = raw.get("refs") or {}
    return [_snapshot(each, refs) for each in raw.get("snapshots") or []]


def _snapshot(raw: Mapping[str, Any], refs: Mapping[str, Any]) -> SnapshotDescription:
    summary = dict(raw.get("summary") or {})
    return SnapshotDescription(
        snapshot_id=raw["snapshot-id"],
        parent_id=raw.get("parent-snapshot-id"),
        at=_moment(raw["timestamp-ms"]),
        operation=summary.pop("operation", "unknown"),
        rows=_number(summary.get("total-records")),
        added_rows=_number(summary.get("added-records")),
        schema_id=raw.get("schema-id"),
        refs=tuple(sorted(name for name, ref in refs.items() if ref["snapshot-id"] == raw["snapshot-id"])),
        summary=summary,
    )


def evolve_table(
    lake: Lake, name: TableName, change: "Callable[[UpdateSchema], object]", *, actor: str
) -> None:
    """Change a table's schema; tags stay with their field-ids.

    Args:
        lake: The lake.
        name: The table.
        change: Called with pyiceberg's `UpdateSchema`: rename, add, drop, move or promote columns.
        actor: Who does it.

    Raises:
        UnsupportedColumnError: The schema would hold a name that no table may hold.
        ConflictError: Other writers were first every time.
    """
    from lakeward.catalog.commit import Act, change_table, fields_of  # noqa: PLC0415  pyiceberg, for writers only
    from lakeward.catalog.ingest.columns import check_names  # noqa: PLC0415

    def stage(transaction: "Transaction") -> None:
        with transaction.update_schema() as update:
            change(update)
        check_names(fields_of(transaction))

    change_table(lake, name, Act(kind="table.evolve", actor=actor), stage=stage)


def drop_table(lake: Lake, name: TableName, *, actor: str, purge: bool = False) -> None:
    """Take a table out of the catalog; with `purge` delete its files too.

    A table whose tags do not verify can be dropped: nothing becomes visible by it.

    Raises:
        TableNotFoundError: There is no such table.
    """
    from lakeward.catalog.iceberg import iceberg_errors, load_table  # noqa: PLC0415  pyiceberg, for writers only

    table = load_table(lake.iceberg(), name)
    uuid = str(table.metadata.table_uuid)
    details = {"table": str(name), "uuid": uuid, "purge": purge}
    lake.audit.append(AuditEvent(kind="table.drop", principal=actor, details=details))
    with iceberg_errors(name):
        lake.iceberg().drop_table((name.namespace, name.table))
    if purge:
        from lakeward.catalog.ingest.files import delete_tree  # noqa: PLC0415

        delete_tree(table.location())
    with lake.store.writing() as connection:
        connection.execute(delete(table_owner).where(table_owner.c.table_uuid == uuid))


def set_owner(lake: Lake, name: TableName, owner: str, *, actor: str) -> None:
    """Say who answers for a table."""
    uuid = read_table(lake, name).metadata.uuid
    details = {"table": str(name), "uuid": uuid, "owner": owner}
    lake.audit.append(AuditEvent(kind="table.owner", principal=actor, details=details))
    note_owner(lake, uuid, owner)


def note_owner(lake: Lake, uuid: str, owner: str) -> None:
    """Write a table's owner into the store."""
    with lake.store.writing() as connection:
        connection.execute(delete(table_owner).where(table_owner.c.table_uuid == uuid))
        connection.execute(insert(table_owner).values(table_uuid=uuid, owner=owner))


def _owner(lake: Lake, uuid: str) -> str | None:
    with lake.store.reading() as connection:
        owner: str | None = connection.execute(
            select(table_owner.c.owner).where(table_owner.c.table_uuid == uuid)
        ).scalar()
    return owner


def _rows(raw: Mapping[str, Any], snapshot_id: int | None) -> int | None:
    if snapshot_id is None:
        return 0
    snapshot = next((each for each in raw.get("snapshots") or [] if each["snapshot-id"] == snapshot_id), None)
    return _number((snapshot or {}).get("summary", {}).get("total-records"))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
