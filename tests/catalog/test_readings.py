"""A reading is kept while all that it was made of stays; what changes, whoever changed it, counts at once."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from lakeward.catalog.context import Origin
from lakeward.catalog.erasures import note_erasure
from lakeward.catalog.lake import Lake, open_lake
from lakeward.catalog.ledger import TagAct, write_pending
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import UnverifiedTagsError
from lakeward.catalog.rows import TableNotFoundError
from lakeward.catalog.signature import sign
from lakeward.catalog.tables import evolve_table
from lakeward.catalog.tags import remove_tag, set_namespace_tags, set_tag

PATIENT = TableName("clinic", "patient")


def _pend(lake: Lake) -> None:
    uuid = lake.pin(PATIENT).uuid
    signed = sign(lake.keys.derive("tags"), uuid, 99, {"2": frozenset({"sensitivity.none"})})
    acts = [TagAct("set", "name", 2, "sensitivity.none")]
    write_pending(lake.store, uuid, str(PATIENT), signed, acts, ("grace", None))


def _erase(lake: Lake) -> None:
    note_erasure(lake.store, lake.pin(PATIENT).uuid, Origin(1, 99), "applied")


CHANGES: dict[str, Callable[[Lake], object]] = {
    "a tag that is set": lambda lake: set_tag(lake, PATIENT, "id", "phi.mrn", actor="grace"),
    "a tag that is taken off": lambda lake: remove_tag(
        lake, PATIENT, "name", "phi.name", actor="grace", reason="test"
    ),
    "a tag of the namespace": lambda lake: set_namespace_tags(lake, "clinic", ["health"], actor="grace"),
    "a column": lambda lake: evolve_table(
        lake, PATIENT, lambda update: update.delete_column("codes"), actor="grace"
    ),
    "a set that is pending": _pend,
    "an erasure": _erase,
}


def test_what_did_not_change_is_not_judged_again(lake: Lake, patient: TableName) -> None:
    assert lake.pin(patient) is lake.pin(patient)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_another_process_changed_counts_at_once(
    lake: Lake, patient: TableName, change: Callable[[Lake], object]
) -> None:
    before = lake.pin(patient)
    other = open_lake(lake.root)
    change(other)
    now = lake.pin(patient)
    fresh = open_lake(lake.root)
    assert now != before
    assert now == fresh.pin(patient)
    for each in (other, fresh):
        each.close()


def test_a_table_that_is_gone_is_gone(lake: Lake, patient: TableName) -> None:
    lake.pin(patient)
    with lake.catalog_engine.begin() as connection:
        connection.execute(text("DELETE FROM iceberg_tables WHERE table_name = 'patient'"))
    with pytest.raises(TableNotFoundError):
        lake.pin(patient)


def test_tags_of_the_namespace_that_were_edited_are_refused(lake: Lake, patient: TableName) -> None:
    set_namespace_tags(lake, "clinic", ["health"], actor="grace")
    lake.pin(patient)
    with lake.catalog_engine.begin() as connection:
        edit = "UPDATE iceberg_namespace_properties SET property_value = 'sensitivity.none'"
        connection.execute(text(f"{edit} WHERE property_key = 'lakeward.tag.table'"))
    with pytest.raises(UnverifiedTagsError):
        lake.pin(patient)
