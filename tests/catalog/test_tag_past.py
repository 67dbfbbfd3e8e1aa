"""Tags as they were, and what changed between two moments."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import SnapshotNotFoundError
from lakeward.catalog.tables import evolve_table
from lakeward.catalog.tag_past import acts_until, diff_tags, list_tags_at
from lakeward.catalog.tags import remove_tag, set_namespace_tags, set_tag


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _own(lake: Lake, name: TableName, at: str) -> dict[str, frozenset[str]]:
    return {each.path: each.own for each in list_tags_at(lake, name, at) if each.own}


def test_tags_as_of_any_time_under_the_names_of_then(lake: Lake, patient: TableName) -> None:
    before, first = "2000-01-01", lake.pin(patient).snapshot_id
    at_first = _now()
    evolve_table(lake, patient, lambda update: update.rename_column("name", "who"), actor="ada")
    set_tag(lake, patient, "who", "phi.ssn", actor="ada")
    set_namespace_tags(lake, patient.namespace, ["health"], actor="ada")
    at_second = _now()
    write_batches(lake, patient, pa.table({"id": [4]}).to_reader(), actor="ada", evolve=True)
    remove_tag(lake, patient, "who", "phi.name", actor="ada", reason="emptied")
    assert _own(lake, patient, before) == {}
    assert _own(lake, patient, at_first) == {"name": {"phi.name"}, "address.street": {"phi.geo"}}
    assert _own(lake, patient, at_second)["who"] == {"phi.name", "phi.ssn"}
    assert _own(lake, patient, str(first))["who"] == {"phi.name", "phi.ssn"}  # the last that was said of it
    assert _own(lake, patient, "main")["who"] == {"phi.ssn"}
    inherited = {each.path: each.inherited for each in list_tags_at(lake, patient, at_second)}
    assert inherited["who"] == {"health"}
    assert {each.path: each.inherited for each in list_tags_at(lake, patient, at_first)}[
        "name"
    ] == frozenset()
    assert [each.tag for each in acts_until(lake, patient, at_first)] == ["phi.name", "phi.geo"]
    with pytest.raises(SnapshotNotFoundError):
        list_tags_at(lake, patient, "nowhere")


def test_what_changed_between_two_moments(lake: Lake, patient: TableName) -> None:
    first, start = str(lake.pin(patient).snapshot_id), _now()
    write_batches(lake, patient, pa.table({"id": [4]}).to_reader(), actor="ada", evolve=True)
    set_tag(lake, patient, "id", "phi.mrn", actor="ada")
    remove_tag(lake, patient, "name", "phi.name", actor="ada", reason="emptied")
    for one, other in ((first, "main"), (start, _now()), (first, _now())):
        found = [(each.path, each.change, each.tag) for each in diff_tags(lake, patient, one, other)]
        assert found == [("id", "set", "phi.mrn"), ("name", "removed", "phi.name")]
    assert diff_tags(lake, patient, first, first) == []
    back = [(each.path, each.change, each.tag) for each in diff_tags(lake, patient, "main", first)]
    assert back == [("id", "removed", "phi.mrn"), ("name", "set", "phi.name")]


@pytest.mark.parametrize("at", ["9" * 5_000, "0001-01-01T00:00:00+14:00"])
def test_a_moment_beyond_all_numbers_and_calendars_is_none_that_is_there(
    lake: Lake, patient: TableName, at: str
) -> None:
    for look in (list_tags_at, acts_until, type(lake).pin):
        arguments = (lake, patient, at)
        with pytest.raises(SnapshotNotFoundError):
            look(*arguments)
    assert list_tags_at(lake, patient, "9999-12-31T23:59:59-14:00") == list_tags_at(lake, patient, "main")
