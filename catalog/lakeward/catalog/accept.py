"""Accepting tags that do not verify: taken as they are, or put back as the ledger last knew them."""

from lakeward.catalog.commit import Act, finish
from lakeward.catalog.effective import OwnTags
from lakeward.catalog.iceberg import load_table
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import TagAct, known_sets
from lakeward.catalog.names import TableName
from lakeward.catalog.signature import DIGEST, SignedTags, read_unverified
from lakeward.catalog.types import Field


def accept_table_tags(
    lake: Lake, name: TableName, *, actor: str, reason: str, restore: bool
) -> tuple[TagAct, ...]:
    """Sign a table's tags anew; see `lakeward.catalog.tags.accept_tags`."""
    table = load_table(lake.iceberg(), name)
    found = read_unverified(table.metadata.properties)
    if restore:
        with lake.store.reading() as connection:
            applied = known_sets(connection, str(table.metadata.table_uuid)).applied
        found = dict(applied.tags) if applied else {}
    for tags in found.values():
        for tag in tags:
            lake.taxonomy.require(tag)
    acts = [
        TagAct("accept", key, int(key) if key.isdigit() else None, tag)
        for key, tags in found.items()
        for tag in tags
    ]
    made = sorted(acts, key=lambda each: (each.path, each.tag)) or [TagAct("accept", "*", None, "")]

    def retag(_fields: tuple[Field, ...], _own: OwnTags) -> tuple[OwnTags, list[TagAct]]:
        return found, made

    carried = SignedTags(0, table.metadata.properties.get(DIGEST, ""), {})
    details = {"restored": restore}
    act = Act(kind="tag.accept", actor=actor, reason=reason, details=details, overrides=True)
    finish(lake, name, table.transaction(), act, (carried, retag))
    return tuple(made)
