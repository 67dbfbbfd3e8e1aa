"""`find` and `coverage` from an index: quick, and right whatever changed and whoever changed it."""

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.metadata import local_path
from lakeward.catalog.names import TableName
from lakeward.catalog.store.schema import tag_indexed
from lakeward.catalog.tables import drop_table, evolve_table
from lakeward.catalog.tag_coverage import CoverageError, require_coverage, tag_coverage
from lakeward.catalog.tags import (
    UnsearchedTablesError,
    accept_tags,
    find_tags,
    remove_tag,
    set_namespace_tags,
    set_tag,
)

LABS = TableName("lab", "value")


def _find(lake: Lake, tag: str) -> set[tuple[str, str, str]]:
    """Find twice: what the index was told the first time must say the same the second time."""
    first, second = ({(str(e.table), e.path, e.source) for e in find_tags(lake, tag)} for _ in range(2))
    assert first == second
    return first


def test_found_is_what_is_in_effect_after_every_change(lake: Lake, patient: TableName) -> None:
    write_batches(lake, LABS, pa.table({"mrn": ["M"]}).to_reader(), tags={"mrn": ["phi.mrn"]}, actor="ada")
    assert _find(lake, "phi.name") == {("clinic.patient", "name", "name")}
    assert _find(lake, "phi.*") == {
        ("clinic.patient", "name", "name"),
        ("clinic.patient", "address.street", "address.street"),
        ("lab.value", "mrn", "mrn"),
    }
    evolve_table(lake, patient, lambda update: update.rename_column("name", "who"), actor="ada")
    assert _find(lake, "phi.name") == {("clinic.patient", "who", "who")}
    set_tag(lake, LABS, "*", "phi.name", actor="ada")
    assert _find(lake, "phi.name") >= {("lab.value", "mrn", "lab.value")}
    set_namespace_tags(lake, "lab", ["health"], actor="ada")
    assert _find(lake, "health") == {("lab.value", "mrn", "lab")}
    remove_tag(lake, patient, "who", "phi.name", actor="ada", reason="r")
    assert _find(lake, "phi.name") == {("lab.value", "mrn", "lab.value")}
    drop_table(lake, LABS, actor="ada")
    assert _find(lake, "health") == set()
    assert _find(lake, "phi.nothing.*") == set()


def test_a_change_by_another_tool_is_seen(lake: Lake, patient: TableName) -> None:
    write_batches(lake, LABS, pa.table({"mrn": ["M"]}).to_reader(), tags={"mrn": ["phi.mrn"]}, actor="ada")
    before = lake.pin(patient).metadata_location
    set_tag(lake, patient, "id", "phi.mrn", actor="ada")
    assert {each[0] for each in _find(lake, "phi.mrn")} == {"clinic.patient", "lab.value"}
    with (
        lake.catalog_engine.begin() as connection
    ):  # an older file is put back: its tags are not the last ones
        connection.exec_driver_sql(
            "UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = 'patient'", (before,)
        )
    with pytest.raises(UnsearchedTablesError) as caught:
        find_tags(lake, "phi.mrn")
    assert [str(each.table) for each in caught.value.found] == ["lab.value"]
    assert "clinic.patient (unverified-tags)" in str(caught.value)
    accept_tags(lake, patient, actor="ada", reason="r", restore=True)
    assert {each[0] for each in _find(lake, "phi.mrn")} == {"clinic.patient", "lab.value"}


def test_a_half_written_metadata_file_is_named_and_hides_no_other_table(
    lake: Lake, patient: TableName
) -> None:
    write_batches(lake, LABS, pa.table({"mrn": ["M"]}).to_reader(), tags={"mrn": ["phi.mrn"]}, actor="ada")
    location = local_path(lake.pin(patient).metadata_location)
    whole = location.read_bytes()
    location.write_bytes(whole[: len(whole) // 2])
    lake._metadata.clear()
    with pytest.raises(UnsearchedTablesError) as caught:
        find_tags(lake, "phi.*")
    assert [str(each.table) for each in caught.value.found] == ["lab.value"]
    location.write_bytes(whole)
    assert {each[0] for each in _find(lake, "phi.*")} == {"clinic.patient", "lab.value"}


def test_what_has_not_changed_is_not_read_again(lake: Lake, patient: TableName) -> None:
    write_batches(lake, LABS, pa.table({"mrn": ["M"]}).to_reader(), tags={"mrn": ["phi.mrn"]}, actor="ada")
    find_tags(lake, "phi.mrn")
    with lake.store.reading() as connection:
        before = {row.name: row.id for row in connection.execute(tag_indexed.select())}
    set_tag(lake, patient, "id", "phi.mrn", actor="ada")
    find_tags(lake, "phi.mrn")
    with lake.store.reading() as connection:
        after = {row.name: row.id for row in connection.execute(tag_indexed.select())}
    assert after["lab.value"] == before["lab.value"]
    assert after["clinic.patient"] != before["clinic.patient"]


@pytest.mark.usefixtures("patient")
def test_coverage_counts_and_holds_to_a_bar(lake: Lake) -> None:
    write_batches(lake, LABS, pa.table({"mrn": ["M"]}).to_reader(), tags={"mrn": ["phi.mrn"]}, actor="ada")
    found = {each.namespace: each for each in tag_coverage(lake)}
    assert (found["clinic"].columns, found["clinic"].classified, found["clinic"].percent) == (5, 1, 20.0)
    assert found["lab"].percent == 100.0
    require_coverage(list(found.values()), 20)
    with pytest.raises(CoverageError, match="clinic"):
        require_coverage(list(found.values()), 20.1)
    lake.iceberg().load_table(str(LABS)).transaction().set_properties(
        {"lakeward.tag.1": "health"}
    ).commit_transaction()
    (lab,) = tag_coverage(lake, "lab")
    assert (lab.refused, lab.reaches(0)) == (1, False)
    assert [each.percent for each in tag_coverage(lake, "nowhere")] == [100.0]
