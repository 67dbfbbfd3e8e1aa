"""A change of tags that was interrupted: the table is read under the stricter of both states."""

import pyarrow as pa
import pytest
from sqlalchemy import text

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, diagnose
from lakeward.catalog.ledger import ABANDONED, TagAct, known_sets, settle, write_pending
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import UnverifiedTagsError, read_table
from lakeward.catalog.signature import SignedTags, sign
from lakeward.catalog.tags import accept_tags, set_tag, tag_history

LOOSER = {"2": frozenset({"sensitivity.none"}), "6": frozenset({"phi.geo"})}


def _pending(lake: Lake, patient: TableName, tags: dict[str, frozenset[str]]) -> tuple[SignedTags, int]:
    reading = read_table(lake, patient)
    uuid = reading.metadata.uuid
    signed = sign(lake.keys.derive("tags"), uuid, reading.table.carried.generation + 1, tags)
    acts = [TagAct("set", "name", 2, "sensitivity.none")]
    return signed, write_pending(lake.store, uuid, str(patient), signed, acts, ("grace", None))


def _land(lake: Lake, patient: TableName, signed: SignedTags) -> None:
    table = lake.iceberg().load_table(str(patient))
    table.transaction().set_properties(signed.properties()).commit_transaction()


def _classified(lake: Lake, patient: TableName) -> set[str]:
    return {each.name for each in lake.pin(patient).columns if each.is_classified}


def test_before_the_commit_lands_what_differs_is_hidden(lake: Lake, patient: TableName) -> None:
    set_tag(lake, patient, "codes", "health", actor="grace")
    assert _classified(lake, patient) == {"name", "codes"}
    _signed, commit_id = _pending(lake, patient, {**LOOSER, "4": frozenset({"health"})})
    assert _classified(lake, patient) == {"codes"}
    assert [each for each in diagnose(lake.root) if "interrupted" in each.what]
    settle(lake.store, commit_id, ABANDONED)
    assert _classified(lake, patient) == {"name", "codes"}
    assert tag_history(lake, patient)[-1].state == "abandoned"


def test_a_pending_change_of_the_whole_table_hides_all(lake: Lake, patient: TableName) -> None:
    _pending(lake, patient, {"2": frozenset({"phi.name"}), "table": frozenset({"sensitivity.none"})})
    assert _classified(lake, patient) == set()


def test_after_the_commit_landed_the_new_set_counts(lake: Lake, patient: TableName) -> None:
    signed, _ = _pending(lake, patient, LOOSER)
    _land(lake, patient, signed)
    column = lake.pin(patient).column("name")
    assert column is not None
    assert column.tags == {"sensitivity.none"}
    with lake.store.reading() as connection:
        assert known_sets(connection, lake.pin(patient).uuid).pending
    write_batches(
        lake, patient, pa.table({"id": [5]}).to_reader(), actor="ada", evolve=True
    )  # any commit notes it
    with lake.store.reading() as connection:
        assert not known_sets(connection, lake.pin(patient).uuid).pending


def test_going_back_from_a_landed_pending_set_hides(lake: Lake, patient: TableName) -> None:
    before = lake.pin(patient).metadata_location
    signed, _ = _pending(lake, patient, LOOSER)
    _land(lake, patient, signed)
    with lake.catalog_engine.begin() as connection:
        connection.execute(text("UPDATE iceberg_tables SET metadata_location = :old"), {"old": before})
    assert _classified(lake, patient) == set()


def test_an_interrupted_change_is_healed_by_the_next(lake: Lake, patient: TableName) -> None:
    _pending(lake, patient, LOOSER)
    set_tag(lake, patient, "codes", "health", actor="grace")
    assert _classified(lake, patient) == {"name", "codes"}


def test_an_interrupted_change_is_healed_by_accepting(lake: Lake, patient: TableName) -> None:
    _pending(lake, patient, LOOSER)
    accept_tags(lake, patient, actor="grace", reason="nothing is running")
    assert _classified(lake, patient) == {"name"}


def test_a_set_that_was_given_up_is_refused(lake: Lake, patient: TableName) -> None:
    signed, commit_id = _pending(lake, patient, LOOSER)
    settle(lake.store, commit_id, ABANDONED)
    _land(lake, patient, signed)
    with pytest.raises(UnverifiedTagsError):
        lake.pin(patient)
