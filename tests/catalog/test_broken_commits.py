"""A commit that fails, is cut off, or whose outcome is unknown: nothing is lost, nothing left behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from sqlalchemy.exc import OperationalError

from lakeward.catalog.audit import AuditUnavailableError
from lakeward.catalog.commit import OutcomeUnknownError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, diagnose, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import read_table
from lakeward.catalog.rows import CatalogUnavailableError
from lakeward.catalog.tags import set_tag, tag_history

LOST = OperationalError("COMMIT 'SECRET'", {}, Exception("connection lost"))


class FailingCatalog(SqlCatalog):
    """A catalog on a connection that breaks: before the commit lands, or after it did."""

    lands: bool
    also: Callable[[], None] = staticmethod(lambda: None)

    def commit_table(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  as pyiceberg's
        if self.lands:
            super().commit_table(*arguments, **options)
        self.also()
        raise LOST


def _break(lake: Lake, *, lands: bool) -> FailingCatalog:
    catalog = FailingCatalog(lake.config.name, **lake.iceberg().properties)
    catalog.lands = lands
    lake.__dict__["_iceberg"] = catalog
    return catalog


def _files(lake: Lake) -> set[Path]:
    return {each for each in (lake.root / "warehouse").rglob("*") if each.suffix != ".json"}


def _count(lake: Lake, name: TableName) -> int:
    return len(open_lake(lake.root).iceberg().load_table(str(name)).scan().to_arrow())


def test_a_commit_that_did_not_land_leaves_no_file(lake: Lake, patient: TableName) -> None:
    before, pinned = _files(lake), lake.pin(patient)
    _break(lake, lands=False)
    rows = pa.table({"id": [9]})
    with pytest.raises(CatalogUnavailableError):
        write_batches(lake, patient, rows.to_reader(), tags={"id": ["phi.mrn"]}, actor="ada", evolve=True)
    assert _files(lake) == before
    assert lake.pin(patient) == pinned
    assert not read_table(lake, patient).table.disputed
    assert tag_history(lake, patient)[-1].state == "abandoned"
    assert lake.audit.records()[0].kind == "commit.failed"
    with pytest.raises(CatalogUnavailableError):
        write_batches(lake, TableName("clinic", "new"), rows.to_reader(), actor="ada")
    assert _files(lake) == before


def test_a_commit_that_landed_all_the_same_is_done(lake: Lake, patient: TableName) -> None:
    _break(lake, lands=True)
    rows = pa.table({"id": [9]})
    write_batches(lake, patient, rows.to_reader(), tags={"id": ["phi.mrn"]}, actor="ada", evolve=True)
    write_batches(lake, patient, rows.to_reader(), actor="ada", evolve=True)
    assert _count(lake, patient) == 5
    assert lake.pin(patient).columns[0].tags == {"phi.mrn"}
    assert tag_history(lake, patient)[-1].state == "applied"


def test_an_unknown_outcome_keeps_every_file(lake: Lake, patient: TableName) -> None:
    catalog, path = _break(lake, lands=True), lake.root / "catalog.db"
    hidden = path.with_name("hidden.db")

    def vanish() -> None:
        lake.catalog_engine.dispose()
        with catalog.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        catalog.engine.dispose()
        path.rename(hidden)
        path.mkdir()  # nothing can open it

    catalog.also = vanish
    with pytest.raises(OutcomeUnknownError) as caught:
        write_batches(
            lake,
            patient,
            pa.table({"id": [9]}).to_reader(),
            tags={"name": ["phi.ssn"]},
            actor="ada",
            evolve=True,
        )
    assert "SECRET" not in str(caught.value)
    path.rmdir()
    hidden.rename(path)
    assert _count(lake, patient) == 4
    column = open_lake(lake.root).pin(patient).column("name")
    assert column is not None
    assert column.tags == {"phi.name", "phi.ssn"}


def test_an_act_that_cannot_be_recorded_does_not_happen(lake: Lake, patient: TableName) -> None:
    everything = set((lake.root / "warehouse").rglob("*"))
    with lake.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_record RENAME TO away")
    rows = pa.table({"id": [7]})
    for attempt in (
        lambda: write_batches(lake, patient, rows.to_reader(), actor="ada", evolve=True),
        lambda: write_batches(lake, TableName("clinic", "new"), rows.to_reader(), actor="ada"),
        lambda: set_tag(lake, patient, "id", "phi.mrn", actor="ada"),
    ):
        with pytest.raises(AuditUnavailableError):
            attempt()
    assert set((lake.root / "warehouse").rglob("*")) == everything


SLOW = """
import sys, time
from pathlib import Path
import pyarrow as pa
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import open_lake
from lakeward.catalog.names import TableName
lake, schema = open_lake(Path(sys.argv[1])), pa.schema([("id", pa.int64())])
def stream():
    while True:
        print("wrote", flush=True)
        yield pa.RecordBatch.from_pydict({"id": list(range(200_000))}, schema)
        time.sleep(0.05)
reader = pa.RecordBatchReader.from_batches(schema, stream())
write_batches(lake, TableName("clinic", "patient"), reader, actor="ada", evolve=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_cut_off_changes_nothing(
    lake: Lake, patient: TableName, how: signal.Signals
) -> None:
    pinned, before = lake.pin(patient), set((lake.root / "warehouse").rglob("*"))
    words = [sys.executable, "-c", SLOW, str(lake.root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        for _ in range(3):
            process.stdout.readline()
        time.sleep(0.1)
        process.send_signal(how)
    fresh = open_lake(lake.root)
    assert fresh.pin(patient) == pinned
    assert not [each for each in diagnose(lake.root) if each.level == "error"]
    if how is signal.SIGINT:  # a process that is killed cannot tidy up
        assert set((lake.root / "warehouse").rglob("*")) == before
