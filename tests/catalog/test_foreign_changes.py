"""Other tools change a table: nothing may show more than before until somebody accepts it."""

from collections.abc import Callable

import pyarrow as pa
import pytest
from pyiceberg.table import Table
from pyiceberg.table.update import SetCurrentSchemaUpdate
from pyiceberg.types import StringType

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, diagnose
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import UnverifiedTagsError
from lakeward.catalog.tables import create_table, evolve_table
from lakeward.catalog.tags import (
    MissingReasonError,
    accept_tags,
    remove_namespace_tags,
    remove_tag,
    set_namespace_tags,
    set_tag,
)

NAME = TableName("clinic", "codes")
ROWS = pa.table({"code": ["E11"], "title": ["Type 2"]})


@pytest.fixture(autouse=True)
def _table(lake: Lake) -> None:
    """A table that is `sensitivity.none` as a whole, and one of whose columns is a name."""
    tags = {"*": ["sensitivity.none"], "title": ["phi.name"]}
    write_batches(lake, NAME, ROWS.to_reader(), tags=tags, actor="ada")


def _foreign(lake: Lake, name: TableName = NAME) -> Table:
    return lake.iceberg().load_table(str(name))


def _shown(lake: Lake, name: TableName = NAME, at: int | None = None) -> dict[str, frozenset[str]]:
    return {each.name: each.tags for each in lake.pin(name, at).columns if each.is_classified}


def _snapshot(lake: Lake) -> int:
    found = lake.pin(NAME).snapshot_id
    assert found is not None
    return found


def _rename(table: Table) -> None:
    with table.update_schema() as update:
        update.rename_column("title", "label")


def _add(table: Table) -> None:
    with table.update_schema() as update:
        update.add_column("ssn", StringType())


def _swap(table: Table) -> None:
    with table.update_schema() as update:
        update.rename_column("title", "other")
    with table.update_schema() as update:
        update.rename_column("code", "title")


@pytest.mark.parametrize(
    ("change", "left", "accepted"),
    [
        (_rename, {"code"}, {"code", "label"}),
        (_add, {"code", "title"}, {"code", "title", "ssn"}),
        (_swap, set(), {"title", "other"}),
    ],
)
def test_what_another_tool_names_or_adds_is_held_back(
    lake: Lake, change: Callable[[Table], None], left: set[str], accepted: set[str]
) -> None:
    change(_foreign(lake))
    assert set(_shown(lake)) == left
    write_batches(lake, NAME, lake.iceberg().load_table(str(NAME)).scan().to_arrow().to_reader(), actor="etl")
    assert set(_shown(lake)) == left  # a write of ours says nothing about it
    accept_tags(lake, NAME, actor="grace", reason="looked at it")
    assert set(_shown(lake)) == accepted


def test_a_tag_on_a_foreign_column_is_word_enough(lake: Lake) -> None:
    _add(_foreign(lake))
    assert [each.what for each in diagnose(lake.root) if "nobody has looked at ssn" in each.what]
    set_tag(lake, NAME, "ssn", "phi.ssn", actor="grace")
    assert _shown(lake)["ssn"] == {"phi.ssn"}


def test_a_column_of_ours_that_is_new_is_hidden_too(lake: Lake) -> None:
    evolve_table(lake, NAME, lambda update: update.add_column("note", StringType()), actor="ada")
    evolve_table(lake, NAME, lambda update: update.rename_column("title", "label"), actor="ada")
    assert _shown(lake) == {"code": {"sensitivity.none"}, "label": {"phi.name"}}
    set_tag(lake, NAME, "note", "sensitivity.none", actor="grace")
    assert set(_shown(lake)) == {"code", "label", "note"}


def test_a_column_that_was_dropped_does_not_come_back_by_itself(lake: Lake) -> None:
    old = _foreign(lake).schema().schema_id
    evolve_table(lake, NAME, lambda update: update.delete_column("code"), actor="ada")
    foreign = _foreign(lake)
    with foreign.transaction() as transaction:
        transaction._apply((SetCurrentSchemaUpdate(schema_id=old),))  # as a careless tool would
    assert set(_shown(lake)) == {"title"}


def test_a_column_that_another_tool_dropped_does_not_come_back_once_that_was_accepted(lake: Lake) -> None:
    old = _foreign(lake).schema().schema_id
    with _foreign(lake).update_schema() as update:
        update.delete_column("code")
    accept_tags(lake, NAME, actor="grace", reason="it is gone")
    with _foreign(lake).transaction() as transaction:
        transaction._apply((SetCurrentSchemaUpdate(schema_id=old),))
    assert set(_shown(lake)) == {"title"}


def test_a_table_under_another_name_is_refused(lake: Lake) -> None:
    lake.iceberg().register_table(("clinic", "public"), _foreign(lake).metadata_location)
    with pytest.raises(UnverifiedTagsError):
        lake.pin(TableName("clinic", "public"))
    assert set(_shown(lake)) == {"code", "title"}
    accept_tags(lake, TableName("clinic", "public"), actor="grace", reason="a second name")
    assert set(_shown(lake, TableName("clinic", "public"))) == {"code", "title"}


def test_a_table_that_lakeward_never_saw_inherits_no_none(lake: Lake) -> None:
    set_namespace_tags(lake, NAME.namespace, ["sensitivity.none"], actor="grace")
    lake.iceberg().create_table("clinic.foreign", ROWS.schema)
    assert _shown(lake, TableName("clinic", "foreign")) == {}
    create_table(lake, TableName("clinic", "ours"), ROWS.schema, actor="ada")
    assert set(_shown(lake, TableName("clinic", "ours"))) == {"code", "title"}


def test_a_tag_that_was_taken_off_counts_in_every_snapshot_before(lake: Lake) -> None:
    first = _snapshot(lake)
    write_batches(lake, NAME, ROWS.to_reader(), actor="etl")
    second = _snapshot(lake)
    remove_tag(lake, NAME, "title", "phi.name", actor="grace", reason="emptied at the source")
    write_batches(lake, NAME, ROWS.to_reader(), actor="etl")
    assert _shown(lake)["title"] == {"sensitivity.none"}
    assert _shown(lake, at=second)["title"] == {"sensitivity.none"}
    assert _shown(lake, at=first)["title"] == {"phi.name"}
    _foreign(lake).manage_snapshots().rollback_to_snapshot(first).commit()
    assert _shown(lake)["title"] == {"phi.name"}


def test_an_accepted_loss_of_a_tag_counts_from_now_on(lake: Lake) -> None:
    first = _snapshot(lake)
    write_batches(lake, NAME, ROWS.to_reader(), actor="etl")
    key = next(key for key, tags in _foreign(lake).properties.items() if tags == "phi.name")
    _foreign(lake).transaction().remove_properties(key).commit_transaction()
    accept_tags(lake, NAME, actor="grace", reason="looked at it")
    assert _shown(lake)["title"] == {"sensitivity.none"}
    assert _shown(lake, at=first)["title"] == {"phi.name"}


def test_new_data_with_weaker_tags_needs_a_reason(lake: Lake) -> None:
    weaker = {"title": ["sensitivity.none"]}
    with pytest.raises(MissingReasonError):
        write_batches(lake, NAME, ROWS.to_reader(), mode="replace", tags=weaker, actor="etl")
    assert _shown(lake)["title"] == {"phi.name"}
    write_batches(lake, NAME, ROWS.to_reader(), mode="replace", tags=weaker, actor="etl", reason="made up")
    assert _shown(lake)["title"] == {"sensitivity.none"}


def test_a_tag_taken_off_the_namespace_counts_in_older_snapshots(lake: Lake) -> None:
    set_namespace_tags(lake, NAME.namespace, ["restricted"], actor="grace")
    first = _snapshot(lake)
    write_batches(lake, NAME, ROWS.to_reader(), actor="etl")
    remove_namespace_tags(lake, NAME.namespace, ["restricted"], actor="grace", reason="over")
    assert _shown(lake) == _shown(lake, at=_snapshot(lake))
    assert "restricted" not in _shown(lake)["code"]
    assert "restricted" in _shown(lake, at=first)["title"]
    set_namespace_tags(lake, NAME.namespace, ["health"], actor="grace")
    assert "health" in _shown(lake, at=first)["title"]


def test_tags_from_before_the_store_kept_their_context_are_believed_until_the_next_commit(lake: Lake) -> None:
    with lake.store.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER tag_context_no_delete")
        connection.exec_driver_sql("DELETE FROM tag_context")
    assert set(_shown(lake)) == {"code", "title"}
    evolve_table(lake, NAME, lambda update: update.rename_column("title", "label"), actor="ada")
    assert set(_shown(lake)) == {"code", "label"}
    with _foreign(lake).update_schema() as update:
        update.rename_column("label", "other")
    assert set(_shown(lake)) == {"code"}
