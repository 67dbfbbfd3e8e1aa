"""The same lake with catalog and store on PostgreSQL.

Runs when LAKEWARD_TEST_POSTGRES holds the address of an empty database (`postgresql+psycopg://...`).
"""

import os
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import text

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import diagnose, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.store import StoreUnavailableError
from lakeward.catalog.tags import find_tags, remove_tag, set_namespace_tags, tag_history

ADDRESS = os.environ.get("LAKEWARD_TEST_POSTGRES", "")
pytestmark = pytest.mark.skipif(not ADDRESS, reason="LAKEWARD_TEST_POSTGRES is not set")
NAME = TableName("clinic", "visit")


def test_a_lake_on_postgres(tmp_path: Path) -> None:
    init_lake(tmp_path / "lake").close()
    settings = f'catalog = "{ADDRESS}"\nstore = "{ADDRESS}"\n'
    (tmp_path / "lake" / "lakeward.toml").write_text(settings)
    lake = open_lake(tmp_path / "lake")
    write_batches(lake, NAME, pa.table({"id": [1]}).to_reader(), tags={"id": ["phi.mrn"]}, actor="ada")
    set_namespace_tags(lake, "clinic", ["restricted"], actor="ada")
    assert lake.pin(NAME).columns[0].tags == {"phi.mrn", "restricted"}
    remove_tag(lake, NAME, "id", "phi.mrn", actor="ada", reason="r")
    assert find_tags(lake, "phi.mrn") == []
    assert [each.state for each in tag_history(lake, NAME)] == ["applied"] * 3
    before = lake.audit.verify().records
    writers = [threading.Thread(target=_append, args=(lake.root,)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = lake.audit.verify()
    assert found.is_intact
    assert found.records == before + 40
    for statement in (
        "UPDATE audit_record SET kind = 'x'",
        "DELETE FROM audit_record",
        "DELETE FROM tag_ledger",
        "DELETE FROM tag_commit",
        "UPDATE tag_commit SET digest = 'x'",
        "TRUNCATE audit_record",
    ):
        with pytest.raises(StoreUnavailableError), lake.store.writing() as connection:
            connection.execute(text(statement))
    assert not [each for each in diagnose(lake.root) if each.level == "error"]
    lake.close()


def _append(root: Path) -> None:
    lake = open_lake(root)
    for _ in range(10):
        lake.audit.append(AuditEvent(kind="query", principal="ada"))
    lake.close()
