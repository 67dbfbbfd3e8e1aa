"""Pinning: one reading, old snapshots under their own schema, damage refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.types import StringType

from lakeward.catalog.errors import DeniedError, UnavailableError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, open_lake
from lakeward.catalog.metadata import local_path
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import SnapshotNotFoundError
from lakeward.catalog.rows import CatalogUnavailableError, TableNotFoundError
from lakeward.catalog.tables import (
    create_table,
    describe_table,
    drop_table,
    evolve_table,
    list_tables,
    set_owner,
    table_history,
)
from lakeward.catalog.tags import set_tag


def test_a_table_that_is_not_there(lake: Lake, patient: TableName) -> None:
    for name in (TableName("clinic", "nothing"), TableName("nowhere", "patient")):
        with pytest.raises(TableNotFoundError) as caught:
            lake.pin(name)
        assert isinstance(caught.value, DeniedError)
    assert lake.pin(patient).name == patient


def test_an_empty_table_has_no_snapshot(lake: Lake) -> None:
    schema = pa.schema([("id", pa.int64()), pa.field("name", pa.string(), nullable=False)])
    made = create_table(
        lake, TableName("clinic", "new"), schema, tags={"id": ["phi.mrn"]}, actor="ada", owner="bob"
    )
    pinned = lake.pin(made.name)
    assert pinned.snapshot_id is None
    assert made.rows == 0
    assert made.owner == "bob"
    assert [each.required for each in made.columns] == [False, True]
    with pytest.raises(SnapshotNotFoundError):
        lake.pin(made.name, "2999-01-01")


def test_time_travel_by_id_ref_and_time(lake: Lake, patient: TableName) -> None:
    first = lake.pin(patient)
    assert first.snapshot_id is not None
    between = datetime.now(UTC)
    write_batches(lake, patient, pa.table({"id": [9]}).to_reader(), actor="ada", evolve=True)
    table = lake.iceberg().load_table(str(patient))
    table.manage_snapshots().create_tag(first.snapshot_id, "golden").commit()
    second = lake.pin(patient)
    assert second.snapshot_id != first.snapshot_id
    for at in (first.snapshot_id, str(first.snapshot_id), "golden", between.isoformat()):
        assert lake.pin(patient, at).snapshot_id == first.snapshot_id
    assert lake.pin(patient, "main").snapshot_id == second.snapshot_id
    assert table_history(lake, patient)[0].refs == ("golden",)
    for at in (1, "1", "nowhere", "", (between - timedelta(days=1)).isoformat(), "2026-13-01"):
        with pytest.raises(SnapshotNotFoundError):
            lake.pin(patient, at)


def test_an_old_snapshot_has_its_names_todays_tags_and_knows_what_was_dropped(
    lake: Lake, patient: TableName
) -> None:
    old = lake.pin(patient).snapshot_id
    evolve_table(lake, patient, lambda u: u.rename_column("name", "full_name"), actor="ada")
    evolve_table(lake, patient, lambda u: u.delete_column("codes"), actor="ada")
    evolve_table(lake, patient, lambda u: u.add_column("late", StringType()), actor="ada")
    set_tag(lake, patient, "id", "phi.mrn", actor="ada")
    pinned = lake.pin(patient, old)
    assert [each.name for each in pinned.columns] == ["id", "name", "address", "codes", "info"]
    assert [each.name for each in pinned.columns if each.is_dropped] == ["codes"]
    assert pinned.columns[0].tags == {"phi.mrn"}
    assert pinned.columns[1].tags == {"phi.name"}
    evolve_table(lake, patient, lambda u: u.delete_column(("address", "zip")), actor="ada")
    address = lake.pin(patient, old).column("address")
    assert address is not None
    assert address.is_dropped  # a part of it is gone


def test_a_dropped_table_is_gone_and_its_name_starts_anew(lake: Lake, patient: TableName) -> None:
    before = lake.pin(patient)
    set_owner(lake, patient, "bob", actor="ada")
    drop_table(lake, patient, actor="ada", purge=True)
    assert not local_path(before.location).exists()
    with pytest.raises(TableNotFoundError):
        lake.pin(patient)
    write_batches(lake, patient, pa.table({"id": [1], "name": ["x"]}).to_reader(), actor="ada")
    after = lake.pin(patient)
    assert after.uuid != before.uuid
    assert not any(each.is_classified for each in after.columns)
    assert describe_table(lake, patient).owner is None
    assert [each.kind for each in lake.audit.records(kind="table.drop")] == ["table.drop"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b'{"table-uuid": 1}', b"\xff\xfe", None])
def test_a_damaged_metadata_file_is_one_error(lake: Lake, patient: TableName, content: bytes | None) -> None:
    path = local_path(lake.pin(patient).metadata_location)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    fresh = open_lake(lake.root)
    with pytest.raises(CatalogUnavailableError):
        fresh.pin(patient)
    (listed,) = list_tables(fresh)
    assert listed.problem == "catalog-unavailable"


def test_an_unknown_type_is_refused(lake: Lake, patient: TableName) -> None:
    path = local_path(lake.pin(patient).metadata_location)
    path.write_text(path.read_text().replace('"type":"long"', '"type":"variant"'))
    with pytest.raises(UnavailableError):
        open_lake(lake.root).pin(patient)


def test_a_metadata_file_is_read_once(lake: Lake, patient: TableName) -> None:
    pinned = lake.pin(patient)
    assert lake.metadata(pinned.metadata_location) is lake.metadata(pinned.metadata_location)
    Path(local_path(pinned.metadata_location)).unlink()
    assert lake.pin(patient) == pinned


def test_case_does_not_matter_to_a_column(lake: Lake, patient: TableName) -> None:
    pinned = lake.pin(patient)
    assert pinned.column("NaMe") is pinned.column("name")
    assert pinned.column("nope") is None
