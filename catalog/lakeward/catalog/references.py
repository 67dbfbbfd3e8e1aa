"""Named references: branches and tags of snapshots, and going back to one."""

import re
from collections.abc import Callable
from typing import Literal

from pyiceberg.table import Transaction
from pyiceberg.table.update.snapshot import ManageSnapshots

from lakeward.catalog.commit import Act, change_table
from lakeward.catalog.errors import InputError
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import pin_table, read_table
from lakeward.catalog.tags import MissingReasonError

MAIN = "main"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}\Z")
Kind = Literal["branch", "tag"]


def kind_of(text: str) -> Kind:
    """Give `branch` or `tag` as a kind of reference."""
    return "branch" if text == "branch" else "tag"


class InvalidReferenceError(InputError):
    """A reference that cannot be made, moved or removed."""

    code = "invalid-reference"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} Nothing was changed.",
            hint="A name starts with a letter and holds letters, digits, `_`, `.` and `-`. See the names "
            "that there are with `lakeward table history`.",
        )


class ErasedSnapshotError(InputError):
    """A snapshot that holds rows which were erased is to be made current or named."""

    code = "erased-snapshot"

    def __init__(self, name: TableName) -> None:
        super().__init__(
            f"That snapshot of {name} may hold rows that were erased since; it is not brought back.",
            hint="Choose a later snapshot; see `lakeward table history`.",
        )


def set_reference(
    lake: Lake, name: TableName, reference: str, kind: Kind, *, at: str | None = None, actor: str
) -> int:
    """Name a snapshot: a `branch`, which a tool may write to, or a `tag`, which stays; gives its id.

    Tags of columns are the table's, so they hold on every branch.

    Raises:
        InvalidReferenceError: The name is taken by the other kind, not allowed, or `main`.
        SnapshotNotFoundError: There is no such snapshot.
        ErasedSnapshotError: The snapshot may hold rows that were erased since.
    """
    if not _NAME.match(reference) or reference == MAIN:
        raise InvalidReferenceError("This name cannot be given to a snapshot.")
    present = read_table(lake, name).metadata.raw.get("refs", {}).get(reference)
    if present and present["type"] != kind:
        raise InvalidReferenceError(f"{reference!r} is a {present['type']} already.")
    snapshot_id = _snapshot(lake, name, at)

    def make(manage: ManageSnapshots) -> ManageSnapshots:
        if kind == "branch":
            return manage.create_branch(snapshot_id, reference)
        return manage.create_tag(snapshot_id, reference)

    details = {"reference": reference, "type": kind, "at": snapshot_id}
    _change(lake, name, Act(kind=f"table.{kind}", actor=actor, details=details), make)
    return snapshot_id


def remove_reference(lake: Lake, name: TableName, reference: str, kind: Kind, *, actor: str) -> None:
    """Take a name off a snapshot, which stays.

    Raises:
        InvalidReferenceError: There is no such branch or tag, or it is `main`.
    """
    present = read_table(lake, name).metadata.raw.get("refs", {}).get(reference)
    if reference == MAIN or not present or present["type"] != kind:
        raise InvalidReferenceError(f"There is no {kind} {reference!r} that can be removed.")
    act = Act(kind=f"table.{kind}", actor=actor, details={"removed": reference})
    _change(lake, name, act, lambda manage: manage.remove_branch(reference))


def roll_back(lake: Lake, name: TableName, at: str, *, actor: str, reason: str) -> int:
    """Make an older snapshot, or one of a branch, the current one; gives its id.

    Columns and tags stay those of today, and tags that were taken off after the snapshot are put back: what
    was said then was said of other data.

    Raises:
        MissingReasonError: The reason is empty.
        SnapshotNotFoundError: There is no such snapshot.
        ErasedSnapshotError: The snapshot may hold rows that were erased since.
    """
    if not reason.strip():
        raise MissingReasonError
    snapshot_id = _snapshot(lake, name, at)
    act = Act(kind="table.rollback", actor=actor, reason=reason, details={"to": snapshot_id})
    _change(lake, name, act, lambda manage: manage.set_current_snapshot(snapshot_id))
    return snapshot_id


def _snapshot(lake: Lake, name: TableName, at: str | None) -> int:
    pinned = pin_table(lake, name, at)
    if pinned.snapshot_id is None:
        raise InvalidReferenceError(f"{name} has no snapshot yet.")
    if pinned.holds_erased:
        raise ErasedSnapshotError(name)
    return pinned.snapshot_id


def _change(
    lake: Lake, name: TableName, act: Act, change: Callable[[ManageSnapshots], ManageSnapshots]
) -> None:
    def stage(transaction: Transaction) -> None:
        change(ManageSnapshots(transaction)).commit()

    change_table(lake, name, act, stage=stage)
