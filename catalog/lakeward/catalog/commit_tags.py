"""What a commit makes of a table's tags, from what the table carries and what the store knows of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyiceberg.table import StagedTable, Transaction
from pyiceberg.table.metadata import TableMetadata

from lakeward.catalog.context import Former, Origin, TagContext, paths_of, take_off, vouch
from lakeward.catalog.effective import TABLE, OwnTags, field_ids, is_classified
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import TagAct, known_columns, known_sets
from lakeward.catalog.names import TableName
from lakeward.catalog.past import tags_at
from lakeward.catalog.signature import SignedTags
from lakeward.catalog.tags import MissingReasonError
from lakeward.catalog.types import Field, parse_schema

# From a schema and the tags that are set, the tags to set and the acts that lead there.
Retag = Callable[[tuple[Field, ...], OwnTags], tuple[OwnTags, list[TagAct]]]
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class TagChange:
    """What a commit makes of a table's tags.

    Attributes:
        staged: The table's metadata as it will be.
        fields: Its columns.
        before: The tags as the store knew them.
        tags: The tags to set.
        acts: What leads there.
        context: What the new set is made of.
        is_other: Whether there is anything to sign.
    """

    staged: TableMetadata
    fields: tuple[Field, ...]
    before: OwnTags
    tags: OwnTags
    acts: list[TagAct]
    context: TagContext
    is_other: bool

    @property
    def subject(self) -> str:
        """The table's uuid."""
        return str(self.staged.table_uuid)


def plan_tags(
    lake: Lake,
    name: TableName,
    transaction: Transaction,
    tagging: tuple[SignedTags, Retag],
    *,
    overrides: bool,
) -> TagChange | None:
    """Plan the tags of a staged commit; None when the tags that it started from have been overtaken."""
    carried, retag = tagging
    staged = transaction.table_metadata
    fields = schema_fields(staged)
    known = _known_tags(lake, str(staged.table_uuid), carried)
    if not (known.is_current or overrides):
        return None
    own = carried.tags
    if known.former and not overrides:
        own = tags_at(_Staged(staged), staged.current_snapshot_id, own, known.former)
    tags, made = retag(fields, own)
    acts = [*_put_back(fields, carried.tags, own), *made]
    context = _next_context(name, (transaction, staged, fields), known, (tags, acts))
    is_other = bool(acts) or (context.columns, context.former) != (known.columns or {}, known.former)
    return TagChange(
        staged=staged,
        fields=fields,
        before=known.tags,
        tags=tags,
        acts=acts,
        context=context,
        is_other=is_other,
    )


def schema_fields(metadata: TableMetadata) -> tuple[Field, ...]:
    """Give the columns of pyiceberg's metadata."""
    return parse_schema(json.loads(metadata.schema().model_dump_json()))


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownTags:
    """What the store knows of the tags that a table carries; `columns` is None where it does not know them.

    `is_current` says that they are the set that the store knows, and not one that was edited or overtaken.
    """

    tags: OwnTags
    columns: Mapping[str, str] | None
    former: Former
    is_signed: bool
    is_current: bool


def _known_tags(lake: Lake, subject: str, carried: SignedTags) -> KnownTags:
    """Read what the store knows of the tags that a table carries, or last carried before an edit."""
    with lake.store.reading() as connection:
        known = known_sets(connection, subject)
        before = known.carried(carried.digest)
        found = known.contexts.get(before.digest) if before else None
        columns = known_columns(connection, found) if found else None
    return KnownTags(
        tags=before.tags if before else {},
        columns=columns,
        former=found.former if found else {},
        is_signed=bool(carried.digest),
        is_current=carried.digest == (before.digest if before else ""),
    )


def _next_context(
    name: TableName,
    staging: tuple[Transaction, TableMetadata, tuple[Field, ...]],
    known: KnownTags,
    made: tuple[OwnTags, Sequence[TagAct]],
) -> TagContext:
    """Give what a new set of tags is made of."""
    tags, acts = made
    transaction, staged, fields = staging
    base = _base_paths(transaction)
    trusted = known.columns if known.columns is not None else (base if known.is_signed else {})
    return TagContext(
        name=str(name),
        columns=vouch(trusted, base, paths_of(fields), _looked_at(transaction, fields, acts)),
        former=take_off(known.former, known.tags, tags, _origin_of(staged)),
        snapshot_id=staged.current_snapshot_id,
    )


class _Staged:
    """The snapshots of a table as it will be."""

    def __init__(self, metadata: TableMetadata) -> None:
        self.current_snapshot_id = metadata.current_snapshot_id
        self.by_id = {
            each.snapshot_id: {
                "snapshot-id": each.snapshot_id,
                "parent-snapshot-id": each.parent_snapshot_id,
                "sequence-number": each.sequence_number,
            }
            for each in metadata.snapshots
        }


def _put_back(fields: tuple[Field, ...], carried: OwnTags, own: OwnTags) -> list[TagAct]:
    """Give the tags that count again, because the table goes back behind their end."""
    paths = paths_of(fields)
    return [
        TagAct(
            "restore", paths.get(key, "*" if key == TABLE else key), int(key) if key != TABLE else None, tag
        )
        for key, tags in own.items()
        for tag in sorted(tags - carried.get(key, _NOTHING))
    ]


def _base_paths(transaction: Transaction) -> Mapping[str, str]:
    table = transaction._table  # noqa: SLF001  what the transaction started from has no public name
    return {} if isinstance(table, StagedTable) else paths_of(schema_fields(table.metadata))


def _looked_at(transaction: Transaction, fields: tuple[Field, ...], acts: Sequence[TagAct]) -> frozenset[str]:
    """Give the columns that the change speaks of: each that is tagged, all of a new or accepted table."""
    is_new = isinstance(transaction._table, StagedTable)  # noqa: SLF001  as above
    paths = paths_of(fields)
    if is_new or any(each.action == "accept" or (each.action == "set" and each.path == "*") for each in acts):
        return frozenset(paths)
    spoken = {paths.get(str(each.field_id), "") for each in acts if each.action == "set"} - {""}
    if not spoken:
        return frozenset()
    return frozenset(
        key for key, path in paths.items() if path in spoken or any(path.startswith(f"{s}.") for s in spoken)
    )


def _origin_of(metadata: TableMetadata) -> Origin | None:
    snapshot = metadata.current_snapshot()
    return Origin(snapshot.snapshot_id, snapshot.sequence_number or 0) if snapshot else None


def require_reason(lake: Lake, change: TagChange, reason: str | None) -> None:
    """Refuse a change after which somebody may see more, when nobody says why.

    Raises:
        MissingReasonError: A sensitive tag goes from a column that stays classified.
    """
    if reason and reason.strip():
        return
    before, after = change.before, change.tags
    sensitive = lake.taxonomy.sensitive
    gone = {key for key, tags in before.items() if (tags - after.get(key, _NOTHING)) & sensitive}
    scope = after.get(TABLE, _NOTHING)
    for each in change.fields if gone else ():
        loses = TABLE in gone or any(str(field_id) in gone for field_id in field_ids(each))
        if loses and is_classified(each, after, scope, lake.taxonomy):
            raise MissingReasonError
