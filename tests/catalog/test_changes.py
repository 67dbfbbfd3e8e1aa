"""Changes through lakeward: tags stay with their columns, and nothing shows that did not show before."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.catalog.changes import Alteration, InvalidChangeError, alter_table
from lakeward.catalog.context import Origin
from lakeward.catalog.erasures import note_erasure
from lakeward.catalog.history import snapshot_changes
from lakeward.catalog.iceberg import TableExistsError
from lakeward.catalog.ingest.replacing import replace_table
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.metadata import local_path
from lakeward.catalog.names import TableName
from lakeward.catalog.past import snapshot_origin
from lakeward.catalog.pin import PinnedTable, SnapshotNotFoundError
from lakeward.catalog.references import (
    ErasedSnapshotError,
    InvalidReferenceError,
    remove_reference,
    roll_back,
    set_reference,
)
from lakeward.catalog.register import RegisteredAlreadyError, register_table
from lakeward.catalog.rows import CatalogUnavailableError
from lakeward.catalog.tables import drop_table, table_history
from lakeward.catalog.tags import UnknownColumnError, list_tags, remove_tag, set_tag, tag_history


def _tags(lake: Lake, name: TableName, at: str | int | None = None) -> dict[str, frozenset[str]]:
    return {each.name: each.tags for each in lake.pin(name, at).columns}


def _hidden(pinned: PinnedTable) -> list[str]:
    return [each.name for each in pinned.columns if not each.is_classified]


def test_many_changes_are_one_commit(lake: Lake, patient: TableName) -> None:
    before = len(lake.metadata(lake.pin(patient).metadata_location).raw["metadata-log"])
    wanted = Alteration(
        drop=("codes",),
        rename={"name": "full_name", "address.zip": "postcode"},
        add={"site": "string", "address.country": "string", "scores": "list<double>"},
        first=("full_name", "address.postcode"),
        after={"id": "info"},
        doc={"site": "where"},
    )
    alter_table(lake, patient, wanted, actor="ada", reason="a better name")
    assert _tags(lake, patient) == {
        "full_name": {"phi.name"},
        "address": {"phi.geo"},
        "info": frozenset(),
        "id": frozenset(),
        "site": frozenset(),
        "scores": frozenset(),
    }
    paths = [each.path for each in list_tags(lake, patient)]
    assert paths[2:6] == ["address", "address.postcode", "address.street", "address.country"]
    assert {each.path: each.own for each in list_tags(lake, patient)}["address.street"] == {"phi.geo"}
    assert len(lake.metadata(lake.pin(patient).metadata_location).raw["metadata-log"]) == before + 1
    assert lake.audit.records(kind="table.alter")[0].details["reason"] == "a better name"


def test_a_type_may_grow_and_not_shrink(lake: Lake) -> None:
    name = TableName("clinic", "n")
    data = pa.table({"n": pa.array([1], pa.int32()), "f": pa.array([1.5], pa.float32())})
    write_batches(lake, name, data.to_reader(), tags={"n": ["phi.mrn"]}, actor="ada")
    alter_table(lake, name, Alteration(retype={"n": "long", "f": "double"}), actor="ada")
    assert [str(each.type) for each in lake.pin(name).columns] == ["long", "double"]
    assert _tags(lake, name)["n"] == {"phi.mrn"}
    with pytest.raises(InvalidChangeError):
        alter_table(lake, name, Alteration(retype={"n": "int"}), actor="ada")


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Alteration(drop=("nope",)), UnknownColumnError),
        (Alteration(rename={"nope": "x"}), UnknownColumnError),
        (Alteration(rename={"name": "id"}), InvalidChangeError),
        (Alteration(add={"name": "string"}), InvalidChangeError),
        (Alteration(add={"nope.x": "string"}), UnknownColumnError),
        (Alteration(add={"x": "varchar"}), InvalidChangeError),
        (Alteration(add={"x": "decimal(50, 2)"}), InvalidChangeError),
        (Alteration(retype={"address": "string"}), InvalidChangeError),
        (Alteration(after={"name": "address.zip"}), InvalidChangeError),
        (Alteration(drop=("id", "name", "address", "codes", "info")), InvalidChangeError),
    ],
)
def test_what_cannot_be_changed_changes_nothing(
    lake: Lake, patient: TableName, wanted: Alteration, error: type[Exception]
) -> None:
    before = lake.pin(patient)
    with pytest.raises(error):
        alter_table(lake, patient, wanted, actor="ada")
    assert lake.pin(patient) == before


def test_settings_by_name_follow_a_rename(lake: Lake, patient: TableName) -> None:
    key = "write.metadata.metrics.column."
    lake.iceberg().load_table(str(patient)).transaction().set_properties(
        {f"{key}name": "none", f"{key}codes": "none"}
    ).commit_transaction()
    alter_table(lake, patient, Alteration(rename={"name": "who"}, drop=("codes",)), actor="ada")
    held = lake.iceberg().load_table(str(patient)).properties
    assert {each: value for each, value in held.items() if each.startswith(key)} == {f"{key}who": "none"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Another table: two columns as before, one of another type, one new."""
    path = tmp_path / "new.parquet"
    rows = {"name": ["Zoe"], "id": ["7"], "address": [{"street": "New St", "zip": "1"}], "fresh": [1]}
    pq.write_table(pa.table(rows), path)
    return path


def test_a_replaced_table_starts_anew(lake: Lake, patient: TableName, file: Path) -> None:
    set_tag(lake, patient, "id", "phi.mrn", actor="ada")
    old = lake.pin(patient)
    made = replace_table(lake, patient, file, actor="etl", tags={"fresh": ["health"]})
    now = lake.pin(patient)
    assert [each.name for each in now.columns] == ["name", "id", "address", "fresh"]
    assert _hidden(now) == ["name", "id", "address"]
    assert made.suggested == {"name": {"phi.name"}, "address.street": {"phi.geo"}}
    assert {each.field_id for each in now.columns}.isdisjoint(each.field_id for each in old.columns)
    then = lake.pin(patient, old.snapshot_id)
    assert all(each.is_dropped for each in then.columns)
    assert {each.name: each.tags for each in then.columns}["name"] == {"phi.name"}
    rows = lake.iceberg().load_table(str(patient)).scan().to_arrow()
    assert rows.column("name").to_pylist() == ["Zoe"]
    assert now.uuid == old.uuid


def test_a_replaced_table_may_keep_the_tags_of_like_columns(
    lake: Lake, patient: TableName, file: Path
) -> None:
    set_tag(lake, patient, "id", "phi.mrn", actor="ada")
    made = replace_table(lake, patient, file, actor="etl", keep_tags=True, tags={"fresh": ["health"]})
    assert made.suggested == {}
    assert _tags(lake, patient) == {
        "name": {"phi.name"},
        "id": frozenset(),  # it was a number
        "address": {"phi.geo"},
        "fresh": {"health"},
    }


def test_branches_and_marks_name_snapshots(lake: Lake, patient: TableName) -> None:
    first = lake.pin(patient).snapshot_id
    assert set_reference(lake, patient, "frozen", "tag", actor="ada") == first
    write_batches(lake, patient, pa.table({"id": [9]}).to_reader(), actor="ada", evolve=True)
    second = lake.pin(patient).snapshot_id
    assert set_reference(lake, patient, "audit", "branch", actor="ada") == second
    assert set_reference(lake, patient, "audit", "branch", at="frozen", actor="ada") == first
    assert lake.pin(patient, "audit").snapshot_id == first
    assert [each.refs for each in table_history(lake, patient)] == [("audit", "frozen"), ("main",)]
    for name, kind in (
        ("main", "branch"),
        ("2026-01-01", "tag"),
        ("7", "tag"),
        ("audit", "tag"),
        ("", "tag"),
    ):
        with pytest.raises(InvalidReferenceError):
            set_reference(lake, patient, name, kind, actor="ada")  # type: ignore[arg-type]
    for name, kind in (("main", "branch"), ("audit", "tag"), ("nope", "tag")):
        with pytest.raises(InvalidReferenceError):
            remove_reference(lake, patient, name, kind, actor="ada")  # type: ignore[arg-type]
    remove_reference(lake, patient, "audit", "branch", actor="ada")
    with pytest.raises(SnapshotNotFoundError):
        lake.pin(patient, "audit")


def test_going_back_puts_back_what_was_taken_off_since(lake: Lake, patient: TableName) -> None:
    first = lake.pin(patient).snapshot_id
    write_batches(lake, patient, pa.table({"id": [9]}).to_reader(), actor="ada", evolve=True)
    set_tag(lake, patient, "name", "sensitivity.none", actor="ada")
    remove_tag(lake, patient, "name", "phi.name", actor="ada", reason="emptied")
    assert _tags(lake, patient)["name"] == {"sensitivity.none"}
    roll_back(lake, patient, str(first), actor="ada", reason="a bad load")
    assert _tags(lake, patient)["name"] == {"phi.name"}
    last = tag_history(lake, patient)[-1]
    assert (last.action, last.path, last.tag, last.reason) == ("restore", "name", "phi.name", "a bad load")
    remove_tag(lake, patient, "name", "phi.name", actor="ada", reason="looked at the old rows too")
    assert _tags(lake, patient)["name"] == {"sensitivity.none"}


def test_history_says_what_each_snapshot_changed(lake: Lake, patient: TableName) -> None:
    first = lake.pin(patient).snapshot_id or 0
    wanted = Alteration(rename={"name": "who"}, drop=("codes",), add={"site": "string"})
    alter_table(lake, patient, wanted, actor="ada")
    write_batches(
        lake, patient, pa.table({"id": [9]}).to_reader(), mode="replace", actor="ada", evolve=True, reason="r"
    )
    set_tag(lake, patient, "site", "health", actor="ada")
    changes = snapshot_changes(lake, patient)
    assert changes.pop(first) == ("+3 rows", "tag set name phi.name", "tag set address.street phi.geo")
    (second,) = changes.values()
    assert second[:2] == ("+1 rows", "-3 rows")
    assert {"+column site: string", "-column codes", "column name is now who", "tag set site health"} <= {
        *second
    }


def test_erased_rows_are_not_brought_back(lake: Lake, patient: TableName) -> None:
    first = lake.pin(patient).snapshot_id
    write_batches(lake, patient, pa.table({"id": [9]}).to_reader(), mode="replace", actor="ada", evolve=True)
    pinned = lake.pin(patient)
    without = snapshot_origin(lake.metadata(pinned.metadata_location).snapshot(pinned.snapshot_id or 0))
    note_erasure(lake.store, pinned.uuid, without or Origin(0, 0), "applied")
    with pytest.raises(ErasedSnapshotError):
        roll_back(lake, patient, str(first), actor="ada", reason="r")
    with pytest.raises(ErasedSnapshotError):
        set_reference(lake, patient, "old", "branch", at=str(first), actor="ada")
    assert lake.pin(patient) == pinned


def test_a_table_that_was_dropped_comes_back_with_its_tags(lake: Lake, patient: TableName) -> None:
    set_tag(lake, patient, "id", "phi.mrn", actor="ada")
    before = lake.pin(patient)
    older = lake.metadata(before.metadata_location).raw["metadata-log"][-1]["metadata-file"]
    drop_table(lake, patient, actor="ada")
    back = TableName("clinic", "back")
    register_table(lake, back, older, actor="ada")  # a file from before the tag
    assert _tags(lake, back)["id"] == {"phi.mrn"}
    assert lake.pin(back).uuid == before.uuid
    with pytest.raises(RegisteredAlreadyError):
        register_table(lake, TableName("public", "twin"), before.metadata_location, actor="ada")


def test_a_table_of_another_lake_is_hidden_until_it_is_tagged(
    lake: Lake, patient: TableName, tmp_path: Path
) -> None:
    other = init_lake(tmp_path / "other")
    write_batches(
        other,
        patient,
        pa.table({"name": ["Ann"]}).to_reader(),
        tags={"name": ["sensitivity.none"]},
        actor="eve",
    )
    file = other.pin(patient).metadata_location
    with pytest.raises(TableExistsError):
        register_table(lake, patient, file, actor="ada")
    taken = TableName("clinic", "taken")
    assert register_table(lake, taken, file, actor="ada") == ["name: sensitivity.none"]
    assert _hidden(lake.pin(taken)) == ["name"]
    set_tag(lake, taken, "name", "phi.name", actor="ada")
    assert _hidden(lake.pin(taken)) == []
    path = local_path(file)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CatalogUnavailableError):
        register_table(lake, TableName("clinic", "half"), file, actor="ada")
    other.close()
