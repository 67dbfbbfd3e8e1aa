"""What each snapshot of a table changed: rows, columns and tags. Never a value."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from lakeward.catalog.effective import walk
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import APPLIED
from lakeward.catalog.metadata import TableMetadata
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import read_raw
from lakeward.catalog.store.schema import tag_commit, tag_context, tag_ledger

Columns = Mapping[int, tuple[str, str]]  # path and type by field-id
_ROWS = (("added-records", "+{} rows"), ("deleted-records", "-{} rows"))


def snapshot_changes(lake: Lake, name: TableName) -> dict[int, tuple[str, ...]]:
    """Give what every snapshot that is left changed, and the tags that were changed while it was current."""
    metadata = read_raw(lake, name)
    tags = _tag_changes(lake, metadata.uuid)
    return {
        snapshot_id: (*_row_changes(raw), *_column_changes(metadata, raw), *tags.get(snapshot_id, ()))
        for snapshot_id, raw in metadata.by_id.items()
    }


def _row_changes(raw: Mapping[str, Any]) -> Iterator[str]:
    summary = raw.get("summary") or {}
    for key, words in _ROWS:
        if str(summary.get(key, "0")).isdigit() and int(summary.get(key, 0)):
            yield words.format(summary[key])


def _column_changes(metadata: TableMetadata, raw: Mapping[str, Any]) -> Iterator[str]:
    """Compare the snapshot's columns with its parent's; without a parent nothing can be said."""
    parent = metadata.by_id.get(raw.get("parent-snapshot-id") or 0)
    if parent is None:
        return
    before, after = _columns(metadata, parent), _columns(metadata, raw)
    yield from (f"+column {after[key][0]}: {after[key][1]}" for key in after if key not in before)
    yield from (f"-column {before[key][0]}" for key in before if key not in after)
    for key in after.keys() & before.keys():
        (old, was), (new, now) = before[key], after[key]
        if old != new:
            yield f"column {old} is now {new}"
        if was != now and not was.startswith(("struct", "list", "map")):
            yield f"column {new}: {was} is now {now}"


def _columns(metadata: TableMetadata, raw: Mapping[str, Any]) -> Columns:
    fields = metadata.schema(int(raw.get("schema-id", metadata.current_schema_id)))
    return {place[0]: (path, str(place[1])) for each in fields for path, place in walk(each).items()}


def _tag_changes(lake: Lake, uuid: str) -> dict[int, list[str]]:
    query = (
        select(tag_context.c.snapshot_id, tag_ledger.c.action, tag_ledger.c.path, tag_ledger.c.tag)
        .join_from(tag_ledger, tag_commit, tag_commit.c.id == tag_ledger.c.commit_id)
        .join(tag_context, tag_context.c.commit_id == tag_commit.c.id)
        .where(tag_commit.c.subject == uuid, tag_commit.c.state == APPLIED)
        .order_by(tag_ledger.c.id)
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    with lake.store.reading() as connection:
        for snapshot_id, action, path, tag in connection.execute(query):
            if snapshot_id is not None:
                found[snapshot_id].append(f"tag {action} {path} {tag}".rstrip())
    return found
