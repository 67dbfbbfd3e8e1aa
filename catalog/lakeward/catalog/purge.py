"""Ending a table's past: snapshots but the current one, and every file that only they need.

The files are written down in the store before the snapshots go, so that whoever comes after a crash knows
what is still to be deleted. A file that the table still needs is never deleted, whatever is written down.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from pyiceberg.table import Table, Transaction
from pyiceberg.table.update import (
    RemovePartitionStatisticsUpdate,
    RemoveSnapshotRefUpdate,
    RemoveSnapshotsUpdate,
    RemoveStatisticsUpdate,
    TableUpdate,
)
from sqlalchemy import delete, insert, select

from lakeward.catalog.commit import Act, change_table
from lakeward.catalog.errors import InputError
from lakeward.catalog.iceberg import iceberg_errors, load_table
from lakeward.catalog.lake import Lake
from lakeward.catalog.metadata import local_path
from lakeward.catalog.names import TableName
from lakeward.catalog.store.schema import doomed_file

GRACE_SECONDS = 86_400.0
"""How old a file must be that no snapshot ever named: a younger one may be of a long write under way."""


class HeldByReferenceError(InputError):
    """Branches or tags of a table keep snapshots that are to go."""

    code = "held-by-reference"

    def __init__(self, name: TableName, held: Iterable[str]) -> None:
        super().__init__(
            f"Branches or tags of {name} keep old snapshots: {', '.join(sorted(held))}. Nothing was removed.",
            hint="Take them off with `lakeward table mark --remove` or `table branch --remove`, or give "
            "--release, which takes them off in the same commit.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Purged:
    """What went: snapshots, and files; `kept_young` files may be of a write under way."""

    snapshots: int
    files: int
    kept_young: int


def holding_references(table: Table) -> list[str]:
    """Name the branches and tags that keep another snapshot than the current one."""
    current = table.metadata.current_snapshot_id
    return [name for name, ref in table.metadata.refs.items() if ref.snapshot_id != current]


def purge_history(
    lake: Lake, name: TableName, act: Act, *, release: bool = False, grace: float = GRACE_SECONDS
) -> Purged:
    """Expire every snapshot but the current one and delete what only they needed, old metadata files too.

    Args:
        lake: The lake.
        name: The table.
        act: What is done, for the record.
        release: Whether branches and tags that keep other snapshots are taken off.
        grace: How many seconds old a file must be that no snapshot ever named.

    Raises:
        HeldByReferenceError: Branches or tags keep other snapshots, and are not to be released.
    """
    table = load_table(lake.iceberg(), name)
    if not release and (held := holding_references(table)):
        raise HeldByReferenceError(name, held)
    gone = _past(table)
    with iceberg_errors(name):
        _write_down(lake, name, table, referenced_files(table))
    if gone or holding_references(table):
        details = {**act.details, "expired": len(gone)}
        change_table(
            lake,
            name,
            Act(kind=act.kind, actor=act.actor, reason=act.reason, details=details),
            stage=lambda transaction: _stage(name, transaction, release=release),
        )
    files, young = sweep(lake, name, grace=grace)
    return Purged(snapshots=len(gone), files=files, kept_young=young)


def _past(table: Table) -> list[int]:
    return [
        each.snapshot_id
        for each in table.metadata.snapshots
        if each.snapshot_id != table.metadata.current_snapshot_id
    ]


def _stage(name: TableName, transaction: Transaction, *, release: bool) -> None:
    """Stage the end of the past, as it is at this attempt."""
    metadata = transaction.table_metadata
    current = metadata.current_snapshot_id
    gone = [each.snapshot_id for each in metadata.snapshots if each.snapshot_id != current]
    held = [ref for ref, each in metadata.refs.items() if each.snapshot_id != current]
    if held and not release:
        raise HeldByReferenceError(name, held)
    updates: tuple[TableUpdate, ...] = (
        *(RemoveSnapshotRefUpdate(ref_name=ref) for ref in held),
        *(
            RemoveStatisticsUpdate(snapshot_id=each.snapshot_id)
            for each in metadata.statistics
            if each.snapshot_id in gone
        ),
        *(
            RemovePartitionStatisticsUpdate(snapshot_id=each.snapshot_id)
            for each in metadata.partition_statistics
            if each.snapshot_id in gone
        ),
        RemoveSnapshotsUpdate(snapshot_ids=gone),
    )
    transaction._stage(updates, ())  # noqa: SLF001  pyiceberg's own way keeps what references hold


def referenced_files(table: Table) -> set[str]:
    """Name every file that a table's metadata file leads to, and itself; not its predecessors."""
    metadata = table.metadata
    found = {table.metadata_location}
    found |= {each.statistics_path for each in (*metadata.statistics, *metadata.partition_statistics)}
    for snapshot in metadata.snapshots:
        found.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            found.add(manifest.manifest_path)
            found |= {
                each.data_file.file_path
                for each in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
            }
    return found


def _write_down(lake: Lake, name: TableName, table: Table, files: set[str]) -> None:
    """Note in the store which files may have to go; which of them do is found when the commit has landed."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    uuid = str(table.metadata.table_uuid)
    earlier = {each.metadata_file for each in table.metadata.metadata_log}
    rows = [{"at": at, "table_uuid": uuid, "name": str(name), "path": each} for each in {*files, *earlier}]
    with lake.store.writing() as connection:
        connection.execute(insert(doomed_file), rows)  # beside those of one that was interrupted


def unfinished(lake: Lake) -> list[str]:
    """Name the tables whose files were to be deleted when something interrupted it."""
    with lake.store.reading() as connection:
        return list(connection.execute(select(doomed_file.c.name).distinct()).scalars())


def sweep(lake: Lake, name: TableName, *, grace: float = GRACE_SECONDS) -> tuple[int, int]:
    """Delete the files that were written down and are no longer needed, and old ones that nothing names.

    Returns:
        How many files went, and how many stayed because they are too young to be sure of.
    """
    table = load_table(lake.iceberg(), name)
    uuid = str(table.metadata.table_uuid)
    with lake.store.reading() as connection:
        noted = set(
            connection.execute(select(doomed_file.c.path).where(doomed_file.c.table_uuid == uuid)).scalars()
        )
    with iceberg_errors(name):
        needed = {_canonical(each) for each in referenced_files(table)}
        strays, young = _strays(table.location(), needed | {_canonical(each) for each in noted}, grace)
        gone = {each for each in noted if _canonical(each) not in needed}
        count = sum(_delete(table, each) for each in {*gone, *strays})
    with lake.store.writing() as connection:
        connection.execute(delete(doomed_file).where(doomed_file.c.table_uuid == uuid))
    return count, young


def _delete(table: Table, path: str) -> bool:
    with suppress(FileNotFoundError):
        table.io.delete(path)
        return True
    return False


def _strays(location: str, known: set[str], grace: float) -> tuple[list[str], int]:
    """Find files in a table's folder that nothing names; in an object store none are looked for."""
    unknown = [each for each in _walk(location) if str(each) not in known]
    oldest = time.time() - grace
    old = [str(each) for each in unknown if each.stat().st_mtime <= oldest]
    return old, len(unknown) - len(old)


def _walk(location: str) -> Iterator[Path]:
    if urlsplit(location).scheme in {"", "file"}:
        yield from (each for each in local_path(location).rglob("*") if each.is_file())


def _canonical(path: str) -> str:
    return str(local_path(path)) if urlsplit(path).scheme in {"", "file"} else path
