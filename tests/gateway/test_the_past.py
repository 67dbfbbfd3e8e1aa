"""Old snapshots through the whole way of a query: old names, dropped columns, erased rows, tags taken off."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.changes import Alteration, alter_table
from lakeward.catalog.context import Origin
from lakeward.catalog.erasures import note_erasure
from lakeward.catalog.errors import DeniedError, LakewardError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.past import snapshot_origin
from lakeward.catalog.references import set_reference
from lakeward.catalog.tags import remove_tag, set_tag
from lakeward.gateway.service import Gateway, open_gateway

NAME = TableName("clinic", "visit")
POLICY = """
version: 1
roles: {reader: {members: [ada]}, auditor: {members: [eve]}, privacy: {members: [pat]}}
purposes: [research]
grants:
  - {id: now, to: [reader], tables: ["*"], columns: [{tags: [health, sensitivity.none], mask: clear}]}
  - id: dropped
    to: [auditor]
    tables: ["*"]
    past: [dropped]
    columns: [{tags: [health, sensitivity.none], mask: clear}]
  - id: erased
    to: [privacy]
    tables: ["*"]
    past: [erased]
    columns: [{tags: [health], mask: clear}]
    until: 2999-01-01
"""
ROWS = pa.table({"id": [1, 2], "code": ["SECRET-A", "SECRET-B"], "note": ["SECRET-C", "SECRET-D"]})
TAGS = {"id": ["sensitivity.none"], "code": ["health"], "note": ["phi.free_text", "health"]}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """A table that was marked, then lost `code`, then got rows of its own under a new name."""
    made = init_lake(tmp_path / "lake")
    write_batches(made, NAME, ROWS.to_reader(), tags=TAGS, actor="ada")
    (made.root / "policies" / "p.yaml").write_text(POLICY, "utf-8")
    set_reference(made, NAME, "then", "tag", actor="ada")
    yield made
    made.close()


@pytest.fixture
def ask(lake: Lake) -> Iterator[Callable[..., object]]:
    with open_gateway(lake) as gateway:
        yield lambda sql, who="ada", at="then": _rows(gateway, sql, who, at)


def _rows(gateway: Gateway, sql: str, who: str, at: str | None) -> object:
    return gateway.execute(gateway.session(who, "research"), sql, at=at).table().to_pylist()


def test_a_dropped_column_is_not_there_unless_a_grant_says_so(lake: Lake, ask: Callable[..., object]) -> None:
    alter_table(lake, NAME, Alteration(drop=("code",), rename={"id": "number"}), actor="ada")
    assert ask("SELECT * FROM clinic.visit ORDER BY id") == [{"id": 1}, {"id": 2}]
    for sql in ("SELECT code FROM clinic.visit", "SELECT id FROM clinic.visit WHERE code = 'SECRET-A'"):
        with pytest.raises(LakewardError) as caught:
            ask(sql)
        assert "SECRET" not in str(caught.value)
    assert ask("SELECT code, id FROM clinic.visit WHERE id = 2", "eve") == [{"code": "SECRET-B", "id": 2}]
    assert ask("SELECT * FROM clinic.visit WHERE number = 1", at=None) == [{"number": 1}]


def test_a_column_under_a_name_that_was_dropped_before_is_another_column(
    lake: Lake, ask: Callable[..., object]
) -> None:
    alter_table(lake, NAME, Alteration(drop=("note",), add={"note": "string"}), actor="ada")
    set_tag(lake, NAME, "note", "sensitivity.none", actor="ada")
    assert ask("SELECT note FROM clinic.visit WHERE id = 1", at=None) == [{"note": None}]
    for who in ("ada", "eve"):  # the old one is free text, which neither grant speaks of
        with pytest.raises(LakewardError):
            ask("SELECT note FROM clinic.visit", who)


def test_a_tag_taken_off_counts_in_the_past_alone(lake: Lake, ask: Callable[..., object]) -> None:
    emptied = ROWS.set_column(2, "note", pa.array(["", ""]))
    write_batches(lake, NAME, emptied.to_reader(), mode="replace", keep_tags=True, actor="etl")
    remove_tag(lake, NAME, "note", "phi.free_text", actor="grace", reason="emptied")
    assert ask("SELECT note FROM clinic.visit WHERE id = 1", at=None) == [{"note": ""}]
    with pytest.raises(LakewardError):
        ask("SELECT note FROM clinic.visit")
    lake.iceberg().load_table(str(NAME)).manage_snapshots().set_current_snapshot(ref_name="then").commit()
    with pytest.raises(LakewardError):  # another tool took the table back
        ask("SELECT note FROM clinic.visit", at=None)


def test_erased_rows_are_for_those_whose_grant_says_so(lake: Lake, ask: Callable[..., object]) -> None:
    assert ask("SELECT count(*) AS n FROM clinic.visit") == [{"n": 2}]  # kept as a plan
    write_batches(lake, NAME, ROWS.slice(0, 1).to_reader(), mode="replace", keep_tags=True, actor="etl")
    pinned = lake.pin(NAME)
    without = snapshot_origin(lake.metadata(pinned.metadata_location).snapshot(pinned.snapshot_id or 0))
    note_erasure(lake.store, pinned.uuid, without or Origin(0, 0), "pending")
    for who in ("ada", "eve"):
        with pytest.raises(DeniedError):
            ask("SELECT id FROM clinic.visit", who)
    assert ask("SELECT id FROM clinic.visit", at=None) == [{"id": 1}]
    assert ask("SELECT code FROM clinic.visit ORDER BY code", "pat") == [
        {"code": "SECRET-A"},
        {"code": "SECRET-B"},
    ]
