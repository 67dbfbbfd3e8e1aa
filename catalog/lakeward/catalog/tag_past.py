"""Tags as they were: at a time, a snapshot, a branch or tag; and what changed between two of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from lakeward.catalog.effective import TABLE, OwnTags
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import APPLIED, LedgerRow, history
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import SnapshotNotFoundError, namespace_subject, pin_table, read_raw
from lakeward.catalog.store.schema import tag_commit, tag_context
from lakeward.catalog.tags import WHOLE

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class PastTags:
    """A set of tags as it once was; `at` is when it was made, empty before the first one."""

    at: str
    tags: OwnTags
    paths: Mapping[str, str]
    snapshot_id: int | None

    def path(self, key: str) -> str:
        """Give the path that a field-id had then."""
        return WHOLE if key == TABLE else self.paths.get(key) or f"field {key}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PastListing:
    """The tags of one path as they were."""

    path: str
    own: frozenset[str]
    inherited: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TagDifference:
    """A tag that was set or went between two moments."""

    path: str
    tag: str
    change: str


def list_tags_at(lake: Lake, name: TableName, at: str) -> list[PastListing]:
    """Give the tags of a table and its columns as they were, by the names that the columns had.

    Args:
        lake: The lake.
        name: The table.
        at: An ISO time, or a snapshot, branch or tag: then the last that was said while it was current.

    Raises:
        SnapshotNotFoundError: There is no such snapshot, and it is no time.
    """
    then = tags_then(lake, name, at)
    moment = _moment(at) or then.at
    above = _last(_sets(lake, namespace_subject(name.namespace)), moment).tags.get(TABLE, _NOTHING)
    listed = [PastListing(path=WHOLE, own=then.tags.get(TABLE, _NOTHING), inherited=above)]
    by_path = {path: then.tags.get(key, _NOTHING) for key, path in then.paths.items() if path}
    for path in sorted(by_path, key=lambda each: each.split(".")):
        parts = path.split(".")
        higher = (by_path.get(".".join(parts[:length]), _NOTHING) for length in range(1, len(parts)))
        inherited = above.union(listed[0].own, *higher)
        listed.append(PastListing(path=path, own=by_path[path], inherited=inherited))
    return listed


def diff_tags(lake: Lake, name: TableName, before: str, after: str) -> list[TagDifference]:
    """Give every tag of a table that was set or went between two moments, each as `list_tags_at` takes it."""
    old, new = tags_then(lake, name, before), tags_then(lake, name, after)
    found: list[TagDifference] = []
    for key in sorted({*old.tags, *new.tags}):
        was, now = old.tags.get(key, _NOTHING), new.tags.get(key, _NOTHING)
        path = new.path(key) if key == TABLE or new.paths.get(key) else old.path(key)
        found += [TagDifference(path=path, tag=tag, change="removed") for tag in sorted(was - now)]
        found += [TagDifference(path=path, tag=tag, change="set") for tag in sorted(now - was)]
    return sorted(found, key=lambda each: (each.path, each.change, each.tag))


def acts_until(lake: Lake, name: TableName, at: str) -> list[LedgerRow]:
    """Give every act on the tags of a table and its namespace up to a moment, oldest first."""
    subjects = [read_raw(lake, name).uuid, namespace_subject(name.namespace)]
    moment = _moment(at) or tags_then(lake, name, at).at
    return [each for each in history(lake.store, subjects) if each.at <= moment]


def tags_then(lake: Lake, name: TableName, at: str) -> PastTags:
    """Give the tags of a table at a moment; see `list_tags_at`."""
    metadata = read_raw(lake, name)
    sets = _sets(lake, metadata.uuid)
    if moment := _moment(at):
        return _last(sets, moment)
    snapshot_id = pin_table(lake, name, at).snapshot_id
    snapshot = metadata.snapshot(snapshot_id or 0)
    if snapshot is None:
        raise SnapshotNotFoundError
    of_it = [each for each in sets if each.snapshot_id == snapshot_id]
    return (
        of_it[-1]
        if of_it
        else _last(sets, _text(datetime.fromtimestamp(snapshot["timestamp-ms"] / 1000, UTC)))
    )


def _sets(lake: Lake, subject: str) -> list[PastTags]:
    query = (
        select(tag_commit.c.at, tag_commit.c.tags, tag_context.c.columns, tag_context.c.snapshot_id)
        .outerjoin_from(tag_commit, tag_context, tag_context.c.commit_id == tag_commit.c.id)
        .where(tag_commit.c.subject == subject, tag_commit.c.state == APPLIED)
        .order_by(tag_commit.c.generation)
    )
    with lake.store.reading() as connection:
        return [
            PastTags(
                at=row.at,
                tags={key: frozenset(each) for key, each in json.loads(row.tags).items()},
                paths=json.loads(row.columns or "{}"),
                snapshot_id=row.snapshot_id,
            )
            for row in connection.execute(query)
        ]


def _last(sets: list[PastTags], moment: str) -> PastTags:
    before = [each for each in sets if each.at <= moment]
    return before[-1] if before else PastTags(at="", tags={}, paths={}, snapshot_id=None)


def _moment(text: str) -> str | None:
    """Read an ISO time as the ledger writes it; digits alone are a snapshot's id."""
    if text.isascii() and text.isdigit():
        return None
    try:
        moment = datetime.fromisoformat(text)
        return _text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):  # the latter at either end of the calendar, beside UTC
        return None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
