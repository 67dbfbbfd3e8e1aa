"""Writing a table again, so that nothing that describes it holds a value of a column."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io.pyarrow import ArrowScan, schema_to_pyarrow
from pyiceberg.manifest import DataFile
from pyiceberg.table import FileScanTask, Table, Transaction

from lakeward.catalog.commit import Act, change_table
from lakeward.catalog.iceberg import iceberg_errors, load_table
from lakeward.catalog.ingest.columns import fit, slim
from lakeward.catalog.ingest.files import WrittenFiles, written_files
from lakeward.catalog.ingest.write import SchemaMovedError, stage_replacement
from lakeward.catalog.lake import Lake
from lakeward.catalog.leaks import METRICS
from lakeward.catalog.names import TableName
from lakeward.catalog.purge import GRACE_SECONDS, HeldByReferenceError, holding_references, purge_history


@dataclass(frozen=True, kw_only=True, slots=True)
class Rewritten:
    """What a rewrite did: rows written again, the new snapshot, what went of the past."""

    rows: int
    snapshot_id: int | None
    expired: int
    removed_files: int


def rewrite_table(  # noqa: PLR0913  one keyword each
    lake: Lake,
    name: TableName,
    *,
    actor: str,
    reason: str | None = None,
    expire: bool = False,
    release: bool = False,
    grace: float = GRACE_SECONDS,
) -> Rewritten:
    """Write a table's rows into new files without statistics, unpartitioned, in one commit.

    Old snapshots still lead to the old files. With `expire` they go, and the files with them.

    Raises:
        HeldByReferenceError: The past is to go, and branches or tags keep it.
        ConflictError: Other writers were first every time.
    """
    table = load_table(lake.iceberg(), name)
    if expire and not release and (held := holding_references(table)):
        raise HeldByReferenceError(name, held)
    target = slim(schema_to_pyarrow(table.schema(), include_field_ids=True))
    with iceberg_errors(name), written_files(table.io, table.location()) as files:
        tasks = list(table.scan().plan_files())
        files.write(_rows(table, tasks, target), target)
        files.is_sealed = True
        act = Act(kind="table.rewrite", actor=actor, reason=reason, details={"rows": files.rows})
        base = table.metadata.current_snapshot_id

        def stage(transaction: Transaction) -> None:
            if transaction.table_metadata.current_snapshot_id != base:
                raise SchemaMovedError(name)
            clear_settings(transaction)
            _unpartition(transaction)
            stage_files(transaction, files, [each.file for each in tasks])

        changed = change_table(lake, name, act, stage=stage)
    purged = None
    if expire:
        act = Act(kind="table.expire", actor=actor, reason=reason)
        purged = purge_history(lake, name, act, release=release, grace=grace)
    return Rewritten(
        rows=files.rows,
        snapshot_id=changed.metadata.current_snapshot_id,
        expired=purged.snapshots if purged else 0,
        removed_files=purged.files if purged else 0,
    )


def read_file(table: Table, task: FileScanTask) -> pa.Table:
    """Read the rows of one data file that its delete files leave, under the table's schema."""
    return ArrowScan(table.metadata, table.io, table.schema(), AlwaysTrue()).to_table([task])


def _rows(table: Table, tasks: list[FileScanTask], target: pa.Schema) -> Iterator[pa.RecordBatch]:
    for task in tasks:
        for batch in read_file(table, task).to_batches():
            yield fit(batch, target)


def stage_files(transaction: Transaction, files: WrittenFiles, gone: list[DataFile]) -> None:
    """Stage new files in the place of old ones, as one snapshot; nothing, when there is neither."""
    if files.paths or gone:
        stage_replacement(transaction, files, gone)


def clear_settings(transaction: Transaction) -> None:
    """Stage the end of every setting that puts values into manifests."""
    held = [each for each in transaction.table_metadata.properties if each.startswith(METRICS)]
    if held:
        transaction.remove_properties(*held)
    transaction.set_properties({f"{METRICS}default": "none"})


def _unpartition(transaction: Transaction) -> None:
    fields = transaction.table_metadata.spec().fields
    if fields:
        with transaction.update_spec() as update:
            for each in fields:
                update.remove_field(each.name)
