"""What a signed set of tags was made of: so a change by another tool is told from one of ours.

A signature says that nobody changed the tags, not that they still mean what they meant: another tool may
rename a column that a grant names, add one under a table that is `sensitivity.none` as a whole, or put the
table's file under another name. So the store keeps, beside every set, the table's name and the path of each
column that lakeward itself made or named. A column that stands elsewhere is held back until somebody tags it
or accepts the table.

A tag that was taken off still counts in every snapshot that does not come of the one that was current then:
what was said of the data of today was not said of the data before.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from lakeward.catalog.effective import OwnTags, walk
from lakeward.catalog.types import Field

Paths = Mapping[str, str]  # by field-id as text; "" for a column that lakeward dropped
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Origin:
    """The snapshot from which something counts."""

    snapshot_id: int
    sequence_number: int


Former = Mapping[str, Mapping[str, Origin]]  # by field-id as text or `TABLE`, then by tag


@dataclass(frozen=True, kw_only=True, slots=True)
class TagContext:
    """What one set of tags was made of.

    Attributes:
        name: The table's full name.
        columns: The paths that lakeward knows.
        former: Tags that were taken off, and from which snapshot on that counts.
        snapshot_id: The snapshot that was current when the set was made, or that came with it.
    """

    name: str
    columns: Paths
    former: Former = field(default_factory=dict)
    snapshot_id: int | None = None

    def row(self, commit_id: int) -> dict[str, object]:
        """Give the store's row."""
        return {
            "commit_id": commit_id,
            "name": self.name,
            "snapshot_id": self.snapshot_id,
            "columns_digest": digest_of(self.columns),
            "columns": json.dumps(self.columns, sort_keys=True),
            "former": json.dumps(
                {
                    key: {tag: [at.snapshot_id, at.sequence_number] for tag, at in tags.items()}
                    for key, tags in self.former.items()
                }
            ),
        }


def read_former(text: str) -> Former:
    """Read `former` from the store's row."""
    return {key: {tag: Origin(*at) for tag, at in tags.items()} for key, tags in json.loads(text).items()}


def paths_of(fields: tuple[Field, ...]) -> dict[str, str]:
    """Give the dotted path of every column and nested field by its field-id."""
    return {str(place[0]): path for each in fields for path, place in walk(each).items()}


def digest_of(paths: Paths) -> str:
    """Give a fingerprint of the columns that are there; it changes with every name."""
    listed = sorted(each for each in paths.items() if each[1])
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def vouch(known: Paths, before: Paths, after: Paths, looked_at: Collection[str]) -> dict[str, str]:
    """Give the paths that lakeward knows after a change of its own; a column that is gone stays gone.

    Args:
        known: Those that it knew.
        before: The table's paths before the change.
        after: The table's paths after it.
        looked_at: Field-ids that somebody spoke of in this change, by the path that they have now.
    """
    paths = {key: path if key in after else "" for key, path in known.items()}
    ours = {key for key, path in known.items() if path and path == before.get(key)}
    return paths | {key: path for key, path in after.items() if key in looked_at or key in ours}


def take_off(former: Former, before: OwnTags, after: OwnTags, origin: Origin | None) -> Former:
    """Give the former tags after a change; a table that was never written has no past to keep them for."""
    kept = {
        key: {tag: at for tag, at in tags.items() if tag not in after.get(key, _NOTHING)}
        for key, tags in former.items()
    }
    for key, tags in before.items() if origin else ():
        for tag in tags - after.get(key, _NOTHING):
            kept.setdefault(key, {})[tag] = origin  # type: ignore[assignment]  # there is one in this loop
    return {key: tags for key, tags in kept.items() if tags}
