"""Pinning: schema, tags and snapshot of a table from one reading of one metadata file.

The file's tags must verify, and must be a set that the ledger knows: the one last applied, or one that is
pending because its commit has landed and the note of it has not. While another set is pending, a column whose
tags differ between the two is held back as unclassified, which is stricter than either. Everything else is
refused until a steward accepts it: tags that do not verify were edited, tags that the ledger has left behind
were put back. A column that another tool added or renamed is held back too (`lakeward.catalog.context`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from lakeward.catalog.context import Former, Origin
from lakeward.catalog.effective import TABLE, OwnTags, effective_tags, field_ids, is_classified
from lakeward.catalog.erasures import erasures_of
from lakeward.catalog.errors import InputError, UnavailableError
from lakeward.catalog.ledger import KnownContext, KnownSets, known_columns, known_rows, sets_of, tags_since
from lakeward.catalog.metadata import TableMetadata
from lakeward.catalog.names import TableName
from lakeward.catalog.past import holds_erased, may_hold_deleted, tags_at
from lakeward.catalog.readings import Kept, TableRows, read_rows
from lakeward.catalog.rows import catalog_rows, metadata_location, namespace_properties
from lakeward.catalog.signature import SignedTags, read_signed
from lakeward.catalog.types import DataType, Field

if TYPE_CHECKING:
    from lakeward.catalog.lake import Lake

_ATTEMPTS = 5
_MOST_DIGITS = 20  # of a snapshot's id; Python reads no number of thousands
_NOTHING: frozenset[str] = frozenset()


class UnverifiedTagsError(UnavailableError):
    """A table whose tags are not the ones that lakeward last wrote; it is refused."""

    code = "unverified-tags"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The tags of {name} were changed outside lakeward, or an older set was put back; it is refused.",
            hint=f"Look at `lakeward tag history {name}`, then accept or mend them with `lakeward tag accept "
            f"{name}`.",
        )


class SnapshotNotFoundError(InputError):
    """There is no snapshot like that."""

    code = "snapshot-not-found"

    def __init__(self) -> None:
        super().__init__(
            "The table has no such snapshot, branch or tag, or none as old as that.",
            hint="Give a snapshot's id, the name of a branch or tag, or an ISO time; see `lakeward table "
            "history`.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PinnedColumn:
    """A top-level column with the tags that count for it."""

    field: Field
    tags: frozenset[str]
    is_classified: bool
    name_today: str | None = None

    @property
    def current_name(self) -> str:
        """The column's name in the current schema, the one that policies speak of; empty when it is gone."""
        return self.field.name if self.name_today is None else self.name_today

    @property
    def is_dropped(self) -> bool:
        """Whether the current schema has lost the column, or a part of it, since the pinned snapshot."""
        return self.name_today == ""

    @property
    def field_id(self) -> int:
        """The column's id, which no rename changes."""
        return self.field.field_id

    @property
    def name(self) -> str:
        """The column's name in the pinned schema."""
        return self.field.name

    @property
    def type(self) -> DataType:
        """The column's type in the pinned schema."""
        return self.field.type


@dataclass(frozen=True, kw_only=True, slots=True)
class PinnedTable:
    """A table at one metadata file and one snapshot; `snapshot_id` is None when nothing was ever written.

    Columns are those of the pinned snapshot's schema (of the current schema, when no snapshot was asked for);
    one that the current schema has lost says so. `tags` are the table's own and its namespace's. `is_past`
    says that a snapshot was asked for: then columns bear the names of its schema; else the metadata file says
    what is current. `holds_erased` says that the snapshot may hold rows that were erased since, and
    `holds_deleted` that its data files may hold rows that delete files beside them take out.
    """

    name: TableName
    uuid: str
    metadata_location: str
    snapshot_id: int | None
    schema_id: int
    columns: tuple[PinnedColumn, ...]
    tags: frozenset[str]
    location: str
    is_past: bool = False
    holds_erased: bool = False
    holds_deleted: bool = False

    def column(self, name: str) -> PinnedColumn | None:
        """Find a column by name, in whatever case."""
        folded = name.casefold()
        return next((each for each in self.columns if each.name.casefold() == folded), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a subject's tags are, and what may not be believed of them.

    Attributes:
        carried: The tags.
        disputed: Field-ids and `TABLE`, whose tags a pending change puts in doubt.
        context: What the set was made of, where the store knows.
        strange: Field-ids of columns that another tool added or renamed.
    """

    carried: SignedTags
    disputed: frozenset[str]
    context: KnownContext | None = None
    strange: frozenset[str] = frozenset()

    @property
    def former(self) -> Former:
        """Tags that were taken off, and the snapshot from which that counts."""
        return self.context.former if self.context else {}

    @property
    def scope(self) -> frozenset[str]:
        """The tags of the whole subject."""
        return self.carried.tags.get(TABLE, _NOTHING)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a table: its metadata file, with tags that verified."""

    metadata: TableMetadata
    table: Standing
    namespace: Standing
    erasures: tuple[Origin, ...] = ()

    @property
    def own(self) -> OwnTags:
        """The tags that are set, and those that count again because the table was taken back."""
        former = self.table.former
        return tags_at(self.metadata, self.metadata.current_snapshot_id, self.table.carried.tags, former)

    def is_held_back(self, field: Field) -> bool:
        """Whether a column is hidden whatever its tags say, because they may not be its own."""
        doubtful = self.table.disputed | self.table.strange
        if TABLE in self.table.disputed | self.namespace.disputed:
            return True
        return bool(doubtful) and any(str(each) in doubtful for each in field_ids(field))


def pin_table(lake: "Lake", name: TableName, at: str | int | None = None) -> PinnedTable:
    """Pin a table.

    Args:
        lake: The lake.
        name: The table.
        at: A snapshot's id, a branch or tag, or an ISO time (UTC unless it says otherwise); by default the
            newest.

    Raises:
        TableNotFoundError: There is no such table.
        SnapshotNotFoundError: There is no such snapshot.
        UnverifiedTagsError: The table's tags are not the ones that lakeward last wrote.
        CatalogUnavailableError: The catalog or the metadata file cannot be read.
    """
    kept = _read(lake, name)
    if at is not None:
        return _pinned(lake, name, kept.reading, at)
    if kept.newest is None:
        kept.newest = _pinned(lake, name, kept.reading, None)
    return kept.newest


def _pinned(lake: "Lake", name: TableName, reading: Reading, at: str | int | None) -> PinnedTable:
    metadata = reading.metadata
    snapshot_id, schema_id = _place(metadata, at)
    fields = metadata.fields if schema_id == metadata.current_schema_id else metadata.schema(schema_id)
    counted = tags_at(metadata, snapshot_id, reading.table.carried.tags, reading.table.former)
    if at is not None and snapshot_id not in {None, metadata.current_snapshot_id}:
        counted = _with_namespace_then(lake, name, metadata, snapshot_id, counted)
    return PinnedTable(
        name=name,
        uuid=metadata.uuid,
        metadata_location=metadata.location,
        snapshot_id=snapshot_id,
        schema_id=schema_id,
        columns=tuple(_column(lake, each, reading, counted) for each in fields),
        tags=counted.get(TABLE, _NOTHING) | reading.namespace.scope,
        location=str(metadata.raw["location"]),
        is_past=at is not None,
        holds_erased=holds_erased(metadata, snapshot_id, reading.erasures),
        holds_deleted=snapshot_id is not None and may_hold_deleted(metadata.snapshot(snapshot_id)),
    )


def _with_namespace_then(
    lake: "Lake", name: TableName, metadata: TableMetadata, snapshot_id: int | None, counted: OwnTags
) -> OwnTags:
    """Add what the namespace bore when the snapshot was made, and since: it has no snapshots of its own."""
    made = metadata.by_id[snapshot_id or 0]["timestamp-ms"] / 1000
    moment = datetime.fromtimestamp(made, UTC).isoformat(timespec="microseconds")
    with lake.store.reading() as connection:
        then = tags_since(connection, namespace_subject(name.namespace), moment)
    return {**counted, TABLE: counted.get(TABLE, _NOTHING) | then} if then else counted


def read_table(lake: "Lake", name: TableName) -> Reading:
    """Read a table's metadata file and verify its tags; a table that changes meanwhile is read again.

    Raises:
        UnverifiedTagsError: Its tags, or its namespace's, are not the ones that lakeward last wrote.
    """
    return _read(lake, name).reading


def _read(lake: "Lake", name: TableName) -> Kept:
    subject = namespace_subject(name.namespace)
    doubtful: tuple[str, str] | None = None
    for _attempt in range(_ATTEMPTS):
        read = read_rows(lake, name, subject)
        if (kept := lake.readings.get(name, read)) is not None:
            return kept
        namespace = _standing(lake, subject, read.properties, read.of_namespace)
        table = _table_standing(lake, read, name)
        if table and namespace:
            reading = Reading(read.metadata, table, namespace, erasures_of(read.erasures))
            return lake.readings.keep(name, read, reading)
        seen = (read.metadata.location, read.properties.get("lakeward.tags.digest", ""))
        if seen == doubtful:
            break
        doubtful = seen
    raise UnverifiedTagsError(str(name))


def has_erased(lake: "Lake", pinned: PinnedTable) -> bool:
    """Whether a table's snapshot may hold rows that were erased, by what is known now.

    Raises:
        UnverifiedTagsError: The table's tags are not the ones that lakeward last wrote.
    """
    reading = read_table(lake, pinned.name)
    return holds_erased(reading.metadata, pinned.snapshot_id, reading.erasures)


def read_raw(lake: "Lake", name: TableName) -> TableMetadata:
    """Read a table's metadata file, whatever its tags are; for looking at history, not for deciding."""
    with catalog_rows(lake.catalog_engine) as connection:
        location = metadata_location(connection, lake.config.name, name)
    return lake.metadata(location)


def standing(lake: "Lake", subject: str, properties: Mapping[str, str]) -> Standing | None:
    """Verify the tags in some properties by signature and ledger; None when they are not good."""
    with lake.store.reading() as connection:
        known = known_rows(connection, subject)
    return _standing(lake, subject, properties, known)


def _standing(
    lake: "Lake", subject: str, properties: Mapping[str, str], known: Sequence[Row[Any]]
) -> Standing | None:
    carried = read_signed(lake.keys.derive("tags"), subject, properties)
    return None if carried is None else _judged(carried, sets_of(known))


def _table_standing(lake: "Lake", read: TableRows, name: TableName) -> Standing | None:
    """Verify a table's tags, and find the columns that other tools made or named."""
    metadata, known = read.metadata, sets_of(read.of_table)
    carried = read_signed(lake.keys.derive("tags"), metadata.uuid, metadata.properties)
    found = None if carried is None else _judged(carried, known)
    if carried is None or found is None:
        return None
    context = known.contexts.get(carried.digest)
    if context is None:
        strange = frozenset(metadata.paths) if not carried.digest else frozenset[str]()
        return replace(found, strange=strange)
    if context.name != str(name):
        return None
    columns: Mapping[str, str] | None = None
    if context.columns_digest != metadata.paths_digest:
        with lake.store.reading() as connection:
            columns = known_columns(connection, context)
    return replace(found, context=context, strange=_strange(metadata, columns))


def _strange(metadata: TableMetadata, columns: Mapping[str, str] | None) -> frozenset[str]:
    """Find the columns that stand under another path than lakeward knows; None: it knows them all."""
    if columns is None:
        return frozenset()
    return frozenset(key for key, path in metadata.paths.items() if columns.get(key) != path)


def namespace_scope(lake: "Lake", namespace: str) -> frozenset[str]:
    """Give the tags of a namespace, which need not be there yet.

    Raises:
        UnverifiedTagsError: They do not verify.
    """
    with catalog_rows(lake.catalog_engine) as connection:
        properties = namespace_properties(connection, lake.config.name, namespace)
    found = standing(lake, namespace_subject(namespace), properties)
    if found is None:
        raise UnverifiedTagsError(namespace)
    return found.scope


def namespace_subject(namespace: str) -> str:
    """Give the subject under which a namespace's tags are signed."""
    return f"namespace:{namespace}"


def _judged(carried: SignedTags, known: KnownSets) -> Standing | None:
    if carried.digest in {each.digest for each in known.pending}:
        return Standing(carried, frozenset())
    if carried.digest != (known.applied.digest if known.applied else ""):
        return None
    return Standing(
        carried, frozenset().union(*(_differing(carried.tags, each.tags) for each in known.pending))
    )


def _differing(one: OwnTags, other: OwnTags) -> frozenset[str]:
    return frozenset(key for key in {*one, *other} if one.get(key, _NOTHING) != other.get(key, _NOTHING))


def _column(lake: "Lake", field: Field, reading: Reading, counted: OwnTags) -> PinnedColumn:
    """Judge a column by the tags of today, and those that still count in the snapshot.

    What a table says of all its columns is no word about one that it has lost: that needs a tag of its own.
    """
    own, inherited = reading.table.carried.tags, reading.table.scope | reading.namespace.scope
    inherited_then = counted.get(TABLE, _NOTHING) | inherited
    name_today = _name_today(field, reading.metadata)
    is_known = not reading.is_held_back(field) and is_classified(
        field, own, inherited if name_today else _NOTHING, lake.taxonomy
    )
    if is_known and counted is not own:
        is_known = is_classified(field, counted, inherited_then, lake.taxonomy)
    return PinnedColumn(
        field=field,
        tags=effective_tags(field, counted, inherited_then, lake.taxonomy),
        is_classified=is_known,
        name_today=name_today,
    )


def _name_today(field: Field, metadata: TableMetadata) -> str:
    if not metadata.current_field_ids.issuperset(field_ids(field)):
        return ""
    return metadata.paths[str(field.field_id)]


def _place(metadata: TableMetadata, at: str | int | None) -> tuple[int | None, int]:
    if at is None:
        return metadata.current_snapshot_id, metadata.current_schema_id
    snapshot = metadata.snapshot(_snapshot_id(metadata, at))
    if snapshot is None:
        raise SnapshotNotFoundError
    return int(snapshot["snapshot-id"]), int(snapshot.get("schema-id", metadata.current_schema_id))


def _snapshot_id(metadata: TableMetadata, at: str | int) -> int:
    refs: Mapping[str, Any] = metadata.raw.get("refs") or {}
    if isinstance(at, str) and at in refs:
        return int(refs[at]["snapshot-id"])
    if isinstance(at, int) or (at.isascii() and at.isdigit() and len(at) <= _MOST_DIGITS):
        return int(at)
    return _as_of(metadata, at)


def _as_of(metadata: TableMetadata, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SnapshotNotFoundError from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    milliseconds = aware.timestamp() * 1000
    log = [each for each in metadata.raw.get("snapshot-log") or [] if each["timestamp-ms"] <= milliseconds]
    if not log:
        raise SnapshotNotFoundError
    return int(log[-1]["snapshot-id"])
