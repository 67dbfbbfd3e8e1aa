"""Metadata tables go the way of every table, and tell of hidden rows nothing."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.policies.rewrite.resolve import UnknownTableError

VISIT = TableName("clinic", "visit")
POLICY = """
version: 1
roles:
  some: {members: [ada]}
  all: {members: [grace]}
purposes: [research]
grants:
  - {id: some, to: [some], tables: ["clinic.*"], rows: "site = 'H1'", columns: [{tags: ["*"], mask: clear}]}
  - {id: all, to: [all], tables: ["clinic.*"], columns: [{tags: ["*"], mask: clear}]}
"""
TAGS = {"site": ["sensitivity.none"], "mrn": ["phi.mrn"]}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A table of two snapshots."""
    made = init_lake(tmp_path / "lake")
    rows = pa.table({"site": ["H1", "H2"], "mrn": ["PLANTED1", "PLANTED2"]})
    for _ in range(2):
        write_batches(made, VISIT, rows.to_reader(), tags=TAGS, actor="t")
    (made.root / "policies" / "p.yaml").write_text(POLICY, "utf-8")
    return made


@pytest.fixture
def gateway(lake: Lake) -> Iterator[Gateway]:
    """An open gateway."""
    with open_gateway(lake) as opened:
        yield opened


def ask(gateway: Gateway, who: str, sql: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (
        gateway.execute(gateway.session(who, "research"), sql).table().to_pylist()
    )
    return found


@pytest.mark.parametrize("name", ['clinic."visit$snapshots"', '"clinic"."VISIT$snapshots"'])
def test_snapshots_show_counts_to_who_sees_every_row(gateway: Gateway, name: str) -> None:
    sql = f"SELECT operation, records, added_records FROM {name} ORDER BY committed_at"
    assert ask(gateway, "grace", sql) == [
        {"operation": "append", "records": count, "added_records": 2} for count in (2, 4)
    ]
    assert [each["records"] for each in ask(gateway, "ada", sql)] == [None, None]


def test_files_and_partitions_are_for_who_sees_every_row(gateway: Gateway) -> None:
    assert ask(gateway, "grace", 'SELECT sum(records) AS n FROM clinic."visit$files"') == [{"n": 4}]
    assert ask(gateway, "grace", 'SELECT files, records FROM clinic."visit$partitions"') == [
        {"files": 2, "records": 4}
    ]
    for kind in ("files", "partitions"):
        with pytest.raises(UnknownTableError):
            ask(gateway, "ada", f'SELECT * FROM clinic."visit${kind}"')


@pytest.mark.parametrize(
    "name", ["visit$manifests", "visit$", "none$snapshots", "visit$snapshots$files", "$files"]
)
def test_what_is_no_metadata_table_is_refused_as_one_that_is_not_there(gateway: Gateway, name: str) -> None:
    with pytest.raises(UnknownTableError):
        ask(gateway, "grace", f'SELECT * FROM clinic."{name}"')


def test_who_has_no_decision_on_the_table_has_none_on_its_metadata(gateway: Gateway) -> None:
    with pytest.raises(UnknownTableError):
        ask(gateway, "eve", 'SELECT * FROM clinic."visit$snapshots"')


def test_they_join_and_are_kept_apart_by_principal_and_by_snapshot(gateway: Gateway, lake: Lake) -> None:
    sql = """SELECT count(*) AS n
        FROM clinic."visit$history" JOIN clinic."visit$snapshots" USING (snapshot_id)"""
    assert ask(gateway, "grace", sql) == ask(gateway, "ada", sql) == [{"n": 2}]
    write_batches(lake, VISIT, pa.table({"site": ["H1"], "mrn": ["x"]}).to_reader(), tags=TAGS, actor="t")
    assert ask(gateway, "grace", sql) == [{"n": 3}]


def test_they_are_in_the_audit_chain(gateway: Gateway, lake: Lake) -> None:
    ask(gateway, "ada", 'SELECT * FROM clinic."visit$snapshots"')
    record = next(iter(lake.audit.records(kind="query")))
    assert record.details["tables"][0]["table"] == "clinic.visit$snapshots"
    assert record.details["tables"][0]["by"] == ["some"]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "trino"])
def test_they_can_be_explained_described_and_asked_in_other_dialects(gateway: Gateway, dialect: str) -> None:
    session = gateway.session("ada", "research", dialect=dialect)
    sql = 'SELECT snapshot_id FROM clinic."visit$snapshots"'
    gateway.explain(session, sql)
    assert gateway.describe(session, sql).schema.names == ["snapshot_id"]
    assert gateway.execute(session, sql).table().num_rows == 2


def test_bounds_and_paths_are_in_no_column(gateway: Gateway) -> None:
    for kind in ("snapshots", "history", "files", "partitions"):
        assert "PLANTED" not in repr(ask(gateway, "grace", f'SELECT * FROM clinic."visit${kind}"'))
        assert "parquet'" not in repr(ask(gateway, "grace", f'SELECT * FROM clinic."visit${kind}"')).replace(
            "'file_format': 'parquet'", ""
        )
