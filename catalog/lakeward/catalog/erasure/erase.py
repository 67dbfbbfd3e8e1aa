"""Taking a subject's rows out: a new snapshot without them, then the end of every older one and its files.

Each table is done before the next is begun, the one that says who is who last. So what was interrupted is
given again: the subject is still found, what is done is not done twice, and files that were being deleted are
written down. The certificate is the last record.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.table import Table, Transaction

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.commit import Act, OutcomeUnknownError, change_table
from lakeward.catalog.context import Origin
from lakeward.catalog.erasure.search import Found, any_of, is_code, obstacles_of, search_lake
from lakeward.catalog.erasure.subject import Subject
from lakeward.catalog.erasures import note_erasure
from lakeward.catalog.errors import InputError, LakewardError
from lakeward.catalog.iceberg import iceberg_errors, load_table
from lakeward.catalog.ingest.columns import fit, slim
from lakeward.catalog.ingest.files import written_files
from lakeward.catalog.ingest.write import SchemaMovedError, stage_replacement
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import ABANDONED, APPLIED, PENDING
from lakeward.catalog.names import TableName
from lakeward.catalog.purge import GRACE_SECONDS, Purged, purge_history, sweep, unfinished
from lakeward.catalog.rewriting import clear_settings, read_file


class ErasureRefusedError(InputError):
    """An erasure that something forbids in at least one table, as a rule before any is touched."""

    code = "erasure-refused"

    def __init__(self, obstacles: Sequence[tuple[TableName, str]]) -> None:
        told = "; ".join(f"{name}: {what}" for name, what in obstacles)
        super().__init__(
            f"The subject cannot be erased: {told}. These tables were not changed.",
            hint="Look at it with --dry-run. A legal hold is lifted by removing the tag, with a reason.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What went from one table."""

    name: TableName
    uuid: str
    rows: int
    past_rows: int
    before: int | None
    after: int | None
    expired: int
    files: int
    kept_young: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """The record of an erasure: the subject by token, its number in the audit chain, what went where."""

    token: str
    record: int
    tables: tuple[Erased, ...]


def erase_subject(
    lake: Lake,
    subject: Subject,
    *,
    actor: str,
    reason: str,
    release: bool = False,
    grace: float = GRACE_SECONDS,
) -> Certificate:
    """Erase a subject from every table; all is checked before the first is touched.

    Args:
        lake: The lake.
        subject: Whom.
        actor: Who does it.
        reason: Why, for the record.
        release: Whether branches and tags that keep older snapshots are taken off.
        grace: How many seconds old a file must be that no snapshot ever named, to be deleted as well.

    Raises:
        ErasureRefusedError: A legal hold, a reference or a partition stands in the way.
    """
    resume_erasures(lake, actor=actor)
    searched, unsearched = search_lake(lake, subject, release=release)
    obstacles = [(each.name, what) for each in searched for what in each.obstacles]
    if obstacles:
        refused = {"subject": subject.token, "obstacles": [f"{name}: {what}" for name, what in obstacles]}
        lake.audit.append(AuditEvent(kind="erasure.refused", principal=actor, details=refused))
        raise ErasureRefusedError(obstacles)
    affected = [each for each in searched if each.is_affected]
    begun = {"subject": subject.token, "reason": reason, "tables": [str(each.name) for each in affected]}
    lake.audit.append(AuditEvent(kind="erasure.begin", principal=actor, details=begun))
    act = Act(kind="table.erase", actor=actor, reason=reason, details={"subject": subject.token})
    done = tuple(_erase(lake, each, subject, act, release=release, grace=grace) for each in affected)
    details = {
        "subject": subject.token,
        "reason": reason,
        "keys": sorted(subject.codes),
        "tables": [_told(each) for each in done],
        "searched": [str(each.name) for each in searched],
        "not_searched": [str(each) for each in unsearched],
    }
    record = lake.audit.append(AuditEvent(kind="erasure.certificate", principal=actor, details=details))
    return Certificate(token=subject.token, record=record.seq, tables=done)


def resume_erasures(lake: Lake, *, actor: str) -> list[TableName]:
    """Finish deleting the files of erasures and expiries that were interrupted; gives their tables."""
    names = [TableName.parse(each) for each in unfinished(lake)]
    for name in names:
        files, _young = sweep(lake, name)
        details = {"table": str(name), "files": files}
        lake.audit.append(AuditEvent(kind="erasure.resumed", principal=actor, details=details))
    return names


def _told(done: Erased) -> dict[str, Any]:
    return {
        "table": str(done.name),
        "uuid": done.uuid,
        "rows": done.rows,
        "past_rows": done.past_rows,
        "before": done.before,
        "after": done.after,
        "expired_snapshots": done.expired,
        "removed_files": done.files,
        "kept_young_files": done.kept_young,
    }


def _erase(lake: Lake, found: Found, subject: Subject, act: Act, *, release: bool, grace: float) -> Erased:
    table = load_table(lake.iceberg(), found.name)
    before = table.metadata.current_snapshot_id
    uuid = str(table.metadata.table_uuid)
    if late := list(obstacles_of(lake, table, found, release=release)):  # a hold may have come meanwhile
        raise ErasureRefusedError([(found.name, what) for what in late])
    if found.hits:
        _without(lake, table, found, subject, act)
    elif (current := table.current_snapshot()) is not None:
        note_erasure(lake.store, uuid, Origin(current.snapshot_id, current.sequence_number or 0), APPLIED)
    purged: Purged = purge_history(lake, found.name, act, release=release, grace=grace)
    after = load_table(lake.iceberg(), found.name).metadata.current_snapshot_id
    return Erased(
        name=found.name,
        uuid=uuid,
        rows=found.rows,
        past_rows=found.past_rows,
        before=before,
        after=after,
        expired=purged.snapshots,
        files=purged.files,
        kept_young=purged.kept_young,
    )


def _without(lake: Lake, table: Table, found: Found, subject: Subject, act: Act) -> None:
    """Commit a snapshot whose files do not hold the subject's rows."""
    name, uuid, base = found.name, str(table.metadata.table_uuid), table.metadata.current_snapshot_id
    noted: list[Origin] = []

    def note(state: str) -> None:
        if noted:
            note_erasure(lake.store, uuid, noted[-1], state)

    with iceberg_errors(name), written_files(table.io, table.location()) as files:
        target = slim(schema_to_pyarrow(table.schema(), include_field_ids=True))
        files.write(_rest(table, found, subject, target), target)
        files.is_sealed = True

        def stage(transaction: Transaction) -> None:
            note(ABANDONED)
            if transaction.table_metadata.current_snapshot_id != base:
                raise SchemaMovedError(name)
            clear_settings(transaction)
            stage_replacement(transaction, files, [each.file for each in found.hits])
            made = transaction.table_metadata.current_snapshot()
            if made is not None:
                noted.append(Origin(made.snapshot_id, made.sequence_number or 0))
                note(PENDING)

        try:
            change_table(lake, name, act, stage=stage)
        except LakewardError as error:
            if not isinstance(error, OutcomeUnknownError):
                with suppress(LakewardError):
                    note(ABANDONED)
            raise
    note(APPLIED)


def _rest(table: Table, found: Found, subject: Subject, target: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Give the rows of the files that hold the subject, without its own."""
    held = table.schema().fields
    names = {each.name: found.fields[each.field_id] for each in held if each.field_id in found.fields}
    for task in found.hits:
        rows = read_file(table, task)
        tests = [is_code(rows[column], subject.codes[key]) for column, key in names.items()]
        for batch in rows.filter(pc.invert(any_of(tests))).to_batches():
            yield fit(batch, target)
