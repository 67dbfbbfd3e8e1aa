"""Old snapshots under today's policy: names in documents are those of the current schema."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from tests.policies.decisions.building import compiled, context, forms

from lakeward.catalog.context import Origin
from lakeward.catalog.erasures import note_erasure
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.past import snapshot_origin
from lakeward.catalog.pin import PinnedTable
from lakeward.catalog.tables import evolve_table
from lakeward.policies.decision import NothingVisibleError

NAME = TableName("clinic", "patient")
ROWS = pa.table({"note": ["flu"], "ssn": ["123"], "day": [dt.date(2026, 1, 1)]})
TAGS = {"note": ["health"], "ssn": ["phi.ssn"], "day": ["sensitivity.none"]}
GRANT = "grants: [{id: g, to: [researcher], tables: ['*'], columns: [COLUMNS]}]\n"


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """A lake whose table got other names after its snapshot: `note` became `text`, `ssn` became `note`."""
    made = init_lake(tmp_path / "lake")
    write_batches(made, NAME, ROWS.to_reader(), tags=TAGS, actor="ada", kind="import")
    evolve_table(made, NAME, lambda update: update.rename_column("note", "text"), actor="ada")
    evolve_table(made, NAME, lambda update: update.rename_column("ssn", "note"), actor="ada")
    yield made
    made.close()


def _decide(lake: Lake, directory: Path, grant: str, at: int) -> dict[str, set[str]]:
    policies = compiled(directory, f"grants: [{{id: g, to: [researcher], tables: ['*'], {grant}}}]\n")
    return forms(policies.decide(context(), lake.pin(NAME, at)))


def _snapshot(lake: Lake) -> int:
    found = lake.pin(NAME).snapshot_id
    assert found is not None
    return found


EVERYTHING = "columns: [{tags: ['*'], mask: clear}]"


def test_a_column_dropped_since_shows_by_its_tags_and_only_where_a_grant_says_so(
    lake: Lake, tmp_path: Path
) -> None:
    old = _snapshot(lake)
    evolve_table(lake, NAME, lambda update: update.delete_column("note"), actor="ada")  # what was `ssn`
    assert set(_decide(lake, tmp_path / "a", EVERYTHING, old)) == {"note", "day"}
    assert set(_decide(lake, tmp_path / "b", f"past: [erased], {EVERYTHING}", old)) == {"note", "day"}
    assert set(_decide(lake, tmp_path / "c", f"past: [dropped], {EVERYTHING}", old)) == {"note", "ssn", "day"}
    by_name = "columns: [{names: [note, ssn], mask: clear}, {tags: [sensitivity.none], mask: clear}]"
    assert set(_decide(lake, tmp_path / "d", f"past: [dropped], {by_name}", old)) == {"day"}


def test_a_snapshot_with_erased_rows_shows_nothing_unless_a_grant_says_so(lake: Lake, tmp_path: Path) -> None:
    old = _snapshot(lake)
    write_batches(lake, NAME, ROWS.rename_columns(["text", "note", "day"]).to_reader(), actor="ada")
    metadata = lake.metadata(lake.pin(NAME).metadata_location)
    without = snapshot_origin(metadata.snapshot(_snapshot(lake)))
    assert without is not None
    note_erasure(lake.store, metadata.uuid, without, "pending")
    for state in ("pending", "applied"):
        with pytest.raises(NothingVisibleError):
            _decide(lake, tmp_path / state, EVERYTHING, old)
        assert set(_decide(lake, tmp_path / state, EVERYTHING, _snapshot(lake))) == {"text", "note", "day"}
        note_erasure(lake.store, metadata.uuid, without, "applied")
    assert set(_decide(lake, tmp_path / "granted", f"past: [erased], {EVERYTHING}", old)) == {
        "note",
        "ssn",
        "day",
    }
    lake.iceberg().load_table(str(NAME)).manage_snapshots().rollback_to_snapshot(old).commit()
    assert lake.pin(NAME).holds_erased  # put back by another tool, as if nothing had been erased
    with pytest.raises(NothingVisibleError):
        _decide(lake, tmp_path / "pending", EVERYTHING, old)


def test_an_erasure_that_was_given_up_hides_nothing(lake: Lake, tmp_path: Path) -> None:
    old, uuid = _snapshot(lake), lake.pin(NAME).uuid
    note_erasure(lake.store, uuid, Origin(7, 99), "pending")
    assert lake.pin(NAME).holds_erased
    note_erasure(lake.store, uuid, Origin(7, 99), "abandoned")
    assert _decide(lake, tmp_path / "p", EVERYTHING, old)


def past(lake: Lake) -> PinnedTable:
    snapshot = lake.pin(NAME).snapshot_id
    assert snapshot is not None
    found = lake.pin(NAME, snapshot)
    assert [each.name for each in found.columns] == ["note", "ssn", "day"]
    return found


def test_a_grant_by_name_shows_the_column_that_bears_the_name_today(lake: Lake, tmp_path: Path) -> None:
    policies = compiled(tmp_path / "p", GRANT.replace("COLUMNS", "{names: [text], mask: clear}"))
    assert forms(policies.decide(context(), lake.pin(NAME))) == {"text": {"clear"}}
    assert forms(policies.decide(context(), past(lake))) == {"note": {"clear"}}


def test_a_name_of_the_past_grants_nothing(lake: Lake, tmp_path: Path) -> None:
    policies = compiled(tmp_path / "p", GRANT.replace("COLUMNS", "{names: [ssn], mask: clear}"))
    with pytest.raises(NothingVisibleError):
        policies.decide(context(), past(lake))


def test_a_restriction_by_name_binds_in_the_past_under_either_name(lake: Lake, tmp_path: Path) -> None:
    grant = GRANT.replace("COLUMNS", "{tags: ['*'], mask: clear}")
    for name in ("note", "ssn"):
        restriction = (
            f"restrictions: [{{id: x, tables: ['*'], columns: [{{names: [{name}], mask: hidden}}]}}]\n"
        )
        policies = compiled(tmp_path / name, grant + restriction)
        assert "ssn" not in forms(policies.decide(context(), past(lake)))


def test_a_shift_by_a_column_that_was_renamed_shows_nothing_in_the_past(lake: Lake, tmp_path: Path) -> None:
    text = "{names: [day], mask: {date-shift: {by: note}}}"
    policies = compiled(tmp_path / "p", GRANT.replace("COLUMNS", text))
    assert forms(policies.decide(context(), lake.pin(NAME))) == {"day": {"date-shift(by: note)"}}
    with pytest.raises(NothingVisibleError):
        policies.decide(context(), past(lake))
