"""What counts in a snapshot: tags that were taken off since, rows that were erased since."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from lakeward.catalog.context import Former, Origin
from lakeward.catalog.effective import OwnTags

_NOTHING: frozenset[str] = frozenset()


class Snapshots(Protocol):
    """The snapshots of a table, as its metadata file has them."""

    @property
    def current_snapshot_id(self) -> int | None:
        """The snapshot that new reads use."""

    @property
    def by_id(self) -> Mapping[int, Mapping[str, Any]]:
        """Every snapshot that is left by its id."""


def came_of(metadata: Snapshots, snapshot_id: int, origin: Origin) -> bool:
    """Whether a snapshot is the one named, or came of it.

    Where snapshots between the two have been expired, the chain of parents cannot tell. Then the current
    branch alone is believed, and only when all that is left of the chain is younger. Everything else is
    taken not to come of it, which protects more.
    """
    chain, is_whole = _ancestors(metadata, snapshot_id)
    if origin.snapshot_id in chain:
        return True
    current = metadata.current_snapshot_id
    if is_whole or not chain or current is None or snapshot_id not in _ancestors(metadata, current)[0]:
        return False
    oldest = metadata.by_id[chain[-1]]
    return origin.sequence_number < int(oldest.get("sequence-number") or 0)


def _ancestors(metadata: Snapshots, snapshot_id: int) -> tuple[list[int], bool]:
    """Give a snapshot and its ancestors that are left, and whether that is all that there ever were."""
    chain: list[int] = []
    at: int | None = snapshot_id
    while at is not None and at not in chain:
        found = metadata.by_id.get(at)
        if found is None:
            return chain, False
        chain.append(at)
        at = found.get("parent-snapshot-id")
    return chain, True


def tags_at(metadata: Snapshots, snapshot_id: int | None, own: OwnTags, former: Former) -> OwnTags:
    """Give the tags that count in a snapshot: those of today, and those taken off in a later one."""
    if not former or snapshot_id is None:
        return own
    counted: dict[str, frozenset[str]] = dict(own)
    for key, tags in former.items():
        still = {tag for tag, origin in tags.items() if not came_of(metadata, snapshot_id, origin)}
        if still:
            counted[key] = counted.get(key, _NOTHING) | still
    return counted


def holds_erased(metadata: Snapshots, snapshot_id: int | None, erasures: Iterable[Origin]) -> bool:
    """Whether a snapshot may hold rows that were erased: it did not come of the one without them."""
    return snapshot_id is not None and any(not came_of(metadata, snapshot_id, each) for each in erasures)


_DELETES = ("total-delete-files", "total-position-deletes", "total-equality-deletes")


def may_hold_deleted(raw: Mapping[str, Any] | None) -> bool:
    """Whether a snapshot does not say of itself that no delete file, of any kind, takes rows out of it."""
    summary = (raw or {}).get("summary") or {}
    return any(str(summary.get(each)) != "0" for each in _DELETES)


def snapshot_origin(raw: Mapping[str, object] | None) -> Origin | None:
    """Give a snapshot of a metadata file as an origin."""
    if raw is None:
        return None
    return Origin(int(str(raw["snapshot-id"])), int(str(raw.get("sequence-number") or 0)))
