"""Tags: set, removed, inherited, found, followed; bound to field-ids and refused when others wrote them."""

import pyarrow as pa
import pytest
from sqlalchemy import text

from lakeward.catalog import tags
from lakeward.catalog.effective import walk
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable, UnverifiedTagsError
from lakeward.catalog.signature import DIGEST, GENERATION
from lakeward.catalog.tables import describe_table, evolve_table
from lakeward.catalog.tags import (
    MissingReasonError,
    NotTaggedError,
    UnknownColumnError,
    UnknownNamespaceError,
    accept_tags,
    find_tags,
    list_tags,
    remove_tag,
    set_namespace_tags,
    set_tag,
    set_tags,
    tag_history,
)
from lakeward.catalog.taxonomy import UnknownTagError


def _tags(pinned: PinnedTable, column: str) -> set[str]:
    found = pinned.column(column)
    assert found is not None
    return set(found.tags)


def _is_classified(pinned: PinnedTable, column: str) -> bool:
    found = pinned.column(column)
    assert found is not None
    return found.is_classified


def test_a_column_without_tags_is_unclassified(lake: Lake, patient: TableName) -> None:
    pinned = lake.pin(patient)
    assert _tags(pinned, "id") == set()
    assert not _is_classified(pinned, "id")
    assert _tags(pinned, "name") == {"phi.name"}
    assert _is_classified(pinned, "NAME")
    assert describe_table(lake, patient).hidden == ("id", "address", "codes", "info")


def test_many_tags_are_one_commit(lake: Lake, patient: TableName) -> None:
    before = lake.pin(patient).metadata_location
    wanted = {
        "id": ["phi.mrn"],
        "address.zip": ["phi.geo", "role.quasi"],
        "codes.element": ["health"],
        "*": ["restricted"],
    }
    acts = set_tags(lake, patient, wanted, actor="grace")
    assert len(acts) == 5
    log = lake.metadata(lake.pin(patient).metadata_location).raw["metadata-log"]
    assert log[-1]["metadata-file"] == before
    pinned = lake.pin(patient)
    assert pinned.tags == {"restricted"}
    assert _tags(pinned, "id") == {"phi.mrn", "restricted"}
    assert _tags(pinned, "address") == {"phi.geo", "role.quasi", "restricted"}
    assert lake.audit.records(kind="tag.set")[0].principal == "grace"


def test_setting_what_is_set_changes_nothing(lake: Lake, patient: TableName) -> None:
    before = lake.pin(patient)
    assert set_tags(lake, patient, {"NAME": ["phi.name"]}, actor="grace") == ()
    assert lake.pin(patient) == before


def test_a_struct_is_classified_by_itself_or_by_every_leaf(lake: Lake, patient: TableName) -> None:
    assert not _is_classified(lake.pin(patient), "address")  # the street is, the ZIP is not
    set_tag(lake, patient, "address.zip", "phi.geo", actor="grace")
    assert _is_classified(lake.pin(patient), "address")
    set_tag(lake, patient, "info.key", "sensitivity.none", actor="grace")
    assert not _is_classified(lake.pin(patient), "info")
    set_tag(lake, patient, "info", "phi.free_text", actor="grace")
    assert _is_classified(lake.pin(patient), "info")
    assert _tags(lake.pin(patient), "info") == {"phi.free_text"}


def test_none_gives_way_to_a_sensitive_tag(lake: Lake, patient: TableName) -> None:
    set_tags(lake, patient, {"id": ["sensitivity.none", "origin.real"]}, actor="grace")
    assert _tags(lake.pin(patient), "id") == {"sensitivity.none", "origin.real"}
    set_tag(lake, patient, "*", "restricted", actor="grace")
    assert _tags(lake.pin(patient), "id") == {"restricted", "origin.real"}
    assert _is_classified(lake.pin(patient), "id") is False


def test_an_annotation_classifies_nothing(lake: Lake, patient: TableName) -> None:
    notes = [
        "role.direct",
        "derived.imaging",
        "origin.synthetic",
        "license.mit",
        "hl7.sud",
        "duo.gru",
        "restricted",
    ]
    set_tags(lake, patient, {"id": notes}, actor="grace")
    assert not _is_classified(lake.pin(patient), "id")


def test_namespace_and_table_tags_are_inherited(lake: Lake, patient: TableName) -> None:
    set_namespace_tags(lake, "clinic", ["origin.synthetic", "health"], actor="grace")
    pinned = lake.pin(patient)
    assert pinned.tags == {"origin.synthetic", "health"}
    assert all({"origin.synthetic", "health"} <= each.tags and each.is_classified for each in pinned.columns)
    found = {(str(each.table), each.path, each.source) for each in find_tags(lake, "health")}
    assert ("clinic.patient", "address.street", "clinic") in found
    listed = {each.path: each for each in list_tags(lake, patient)}
    assert listed["address.street"].own == {"phi.geo"}
    assert listed["address.street"].effective == {"phi.geo", "origin.synthetic", "health"}
    tags.remove_namespace_tags(lake, "clinic", ["health"], actor="grace", reason="too broad")
    assert tags.list_namespace_tags(lake, "clinic") == {"origin.synthetic"}
    assert not lake.pin(patient).columns[0].is_classified


def test_namespace_tags_need_a_namespace_a_reason_and_a_known_tag(lake: Lake, patient: TableName) -> None:
    with pytest.raises(UnknownNamespaceError):
        set_namespace_tags(lake, "nowhere", ["health"], actor="grace")
    with pytest.raises(UnknownTagError):
        set_namespace_tags(lake, patient.namespace, ["helth"], actor="grace")
    with pytest.raises(NotTaggedError):
        tags.remove_namespace_tags(lake, patient.namespace, ["health"], actor="grace", reason="r")
    with pytest.raises(MissingReasonError):
        tags.remove_namespace_tags(lake, patient.namespace, ["health"], actor="grace", reason=" ")


def test_find_takes_an_axis(lake: Lake, patient: TableName) -> None:
    assert {(each.path, each.tag) for each in find_tags(lake, "phi.*")} == {
        ("name", "phi.name"),
        ("address.street", "phi.geo"),
    }
    assert [str(each.table) for each in find_tags(lake, "phi.name")] == [str(patient)]
    with pytest.raises(UnknownTagError):
        find_tags(lake, "phi.nmae")


def test_removing_needs_a_reason_and_a_tag_that_is_there(lake: Lake, patient: TableName) -> None:
    with pytest.raises(MissingReasonError):
        remove_tag(lake, patient, "name", "phi.name", actor="grace", reason="  ")
    with pytest.raises(NotTaggedError):
        remove_tag(lake, patient, "name", "phi.ssn", actor="grace", reason="not one")
    remove_tag(lake, patient, "name", "phi.name", actor="grace", reason="made up")
    assert not _is_classified(lake.pin(patient), "name")
    last = tag_history(lake, patient)[-1]
    assert (last.action, last.path, last.tag, last.actor, last.reason) == (
        "remove",
        "name",
        "phi.name",
        "grace",
        "made up",
    )


def test_an_unknown_tag_names_the_nearest(lake: Lake, patient: TableName) -> None:
    with pytest.raises(UnknownTagError, match=r"phi\.ssn"):
        set_tag(lake, patient, "id", "phi.snn", actor="grace")
    with pytest.raises(UnknownColumnError, match="address"):
        set_tag(lake, patient, "adress.zip", "phi.geo", actor="grace")


def test_tags_follow_a_rename_and_do_not_return(lake: Lake, patient: TableName) -> None:
    evolve_table(lake, patient, lambda update: update.rename_column("name", "full_name"), actor="ada")
    assert _tags(lake.pin(patient), "full_name") == {"phi.name"}
    evolve_table(lake, patient, lambda update: update.delete_column("full_name"), actor="ada")
    write_batches(
        lake, patient, pa.table({"id": [4], "full_name": ["Cid"]}).to_reader(), actor="ada", evolve=True
    )
    assert _tags(lake.pin(patient), "full_name") == set()
    assert not _is_classified(lake.pin(patient), "full_name")


def test_a_column_moved_in_by_evolution_is_hidden(lake: Lake, patient: TableName) -> None:
    set_tag(lake, patient, "address.zip", "phi.geo", actor="grace")
    assert _is_classified(lake.pin(patient), "address")
    from pyiceberg.types import StringType

    evolve_table(
        lake, patient, lambda update: update.add_column(("address", "city"), StringType()), actor="ada"
    )
    assert not _is_classified(lake.pin(patient), "address")


def _set_properties(lake: Lake, patient: TableName, **properties: str) -> None:
    lake.iceberg().load_table(str(patient)).transaction().set_properties(properties).commit_transaction()


def _outside(lake: Lake, patient: TableName, what: str) -> None:
    table = lake.iceberg().load_table(str(patient))
    with table.transaction() as transaction:
        match what:
            case "added":
                transaction.set_properties({"lakeward.tag.1": "sensitivity.none"})
            case "changed":
                transaction.set_properties({"lakeward.tag.2": "sensitivity.none"})
            case "removed":
                transaction.remove_properties("lakeward.tag.2")
            case "generation":
                transaction.set_properties({GENERATION: "7"})
            case "digest":
                transaction.set_properties({DIGEST: "v1:é"})
            case "no digest":
                transaction.remove_properties(DIGEST)
            case "nothing left":
                transaction.remove_properties("lakeward.tag.2", "lakeward.tag.6", DIGEST, GENERATION)
            case other:
                raise AssertionError(other)


@pytest.mark.parametrize(
    "what", ["added", "changed", "removed", "generation", "digest", "no digest", "nothing left"]
)
def test_tags_changed_outside_are_refused_until_accepted(lake: Lake, patient: TableName, what: str) -> None:
    streets = {
        path: place[0] for each in lake.pin(patient).columns for path, place in walk(each.field).items()
    }
    assert streets["address.street"] == 6
    _outside(lake, patient, what)
    for attempt in (
        lambda: lake.pin(patient),
        lambda: set_tag(lake, patient, "id", "phi.mrn", actor="grace"),
        lambda: list_tags(lake, patient),
    ):
        with pytest.raises(UnverifiedTagsError):
            attempt()
    with pytest.raises(MissingReasonError):
        accept_tags(lake, patient, actor="grace", reason="")
    accept_tags(lake, patient, actor="grace", reason="looked at it")
    pinned = lake.pin(patient)
    assert _is_classified(pinned, "id") == (what == "added")
    assert lake.audit.records(kind="tag.accept")[0].details["reason"] == "looked at it"


def test_accepting_can_put_back_what_was(lake: Lake, patient: TableName) -> None:
    before = lake.pin(patient).columns
    _outside(lake, patient, "removed")
    accept_tags(lake, patient, actor="grace", reason="an accident", restore=True)
    assert lake.pin(patient).columns == before


def test_accepting_refuses_unknown_tags(lake: Lake, patient: TableName) -> None:
    _set_properties(lake, patient, **{"lakeward.tag.1": "phi.madeup"})
    with pytest.raises(UnknownTagError):
        accept_tags(lake, patient, actor="grace", reason="r")


def test_an_old_signed_set_put_back_is_refused(lake: Lake, patient: TableName) -> None:
    raw = lake.metadata(lake.pin(patient).metadata_location).properties
    old = {key: value for key, value in raw.items() if key.startswith("lakeward.")}
    remove_tag(lake, patient, "name", "phi.name", actor="grace", reason="r")
    set_tag(lake, patient, "name", "phi.ssn", actor="grace")
    _set_properties(lake, patient, **old)
    with pytest.raises(UnverifiedTagsError):
        lake.pin(patient)


def test_an_old_metadata_file_put_back_is_refused(lake: Lake, patient: TableName) -> None:
    old = lake.pin(patient).metadata_location
    set_tag(lake, patient, "id", "phi.mrn", actor="grace")
    with lake.catalog_engine.begin() as connection:
        connection.execute(text("UPDATE iceberg_tables SET metadata_location = :old"), {"old": old})
    with pytest.raises(UnverifiedTagsError):
        lake.pin(patient)


def test_tags_of_another_table_are_refused(lake: Lake, patient: TableName) -> None:
    other = TableName("clinic", "other")
    write_batches(lake, other, pa.table({"a": [1], "b": ["x"]}).to_reader(), actor="ada")
    raw = lake.metadata(lake.pin(patient).metadata_location).properties
    _set_properties(lake, other, **{key: value for key, value in raw.items() if key.startswith("lakeward.")})
    with pytest.raises(UnverifiedTagsError):
        lake.pin(other)


def test_namespace_tags_changed_outside_are_refused(lake: Lake, patient: TableName) -> None:
    set_namespace_tags(lake, "clinic", ["restricted"], actor="grace")
    lake.iceberg().update_namespace_properties("clinic", {"lakeward.tag.table"})
    with pytest.raises(UnverifiedTagsError):
        lake.pin(patient)
    with pytest.raises(UnverifiedTagsError):
        tags.list_namespace_tags(lake, "clinic")
    tags.accept_namespace_tags(lake, "clinic", actor="grace", reason="looked at it")
    assert lake.pin(patient).tags == set()


def test_a_table_that_never_had_tags_is_hidden_but_fine(lake: Lake) -> None:
    name = TableName("clinic", "plain")
    lake.iceberg().create_namespace("clinic")
    lake.iceberg().create_table("clinic.plain", pa.schema([("a", pa.int64())]))
    assert [each.is_classified for each in lake.pin(name).columns] == [False]
    set_tag(lake, name, "a", "health", actor="grace")
    assert lake.pin(name).columns[0].is_classified
