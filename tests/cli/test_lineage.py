"""`lakeward lineage`: columns of a statement; what is behind and ahead of a table, a column, a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.catalog.lake import init_lake
from lakeward.gateway.steps import From, StepOutput, TableInput, import_step, python_step

Run = Callable[..., Any]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A lake with a table from a file, and one that was computed from it."""
    lake = init_lake(tmp_path / "lake")
    pq.write_table(pa.table({"id": ["a"], "dx": ["N18"]}), tmp_path / "visits.parquet")
    tags = {"id": ["phi.mrn"], "dx": ["health"]}
    import_step(lake, "main.visit", tmp_path / "visits.parquet", by="etl", tags=tags)
    columns = {"id": [From("main.visit", "id", "IDENTITY")], "ckd": [From("main.visit", "dx", "CONDITIONAL")]}
    output = StepOutput("main.flag", lambda: pa.table({"id": ["a"], "ckd": [True]}), columns)
    python_step(lake, "flags", by="etl", inputs=[TableInput("main.visit")], outputs=[output])
    lake.close()
    return tmp_path / "lake"


def test_columns_of_a_statement(run: Run, root: Path) -> None:
    sql = "SELECT md5(id) AS h, CASE WHEN dx = 'N18' THEN 1 END AS c FROM visit WHERE dx <> 'x'"
    done = run("lineage", "columns", sql, "--lake", root, "--format", "json")
    assert done.code == 0
    found = [(each["output"], each["source"], each["how"], each["masking"]) for each in done.json()]
    assert found == [
        ("c", "main.visit.dx", "CONDITIONAL", False),
        ("h", "main.visit.id", "TRANSFORMATION", "dictionary"),
        ("*", "main.visit.dx", "FILTER", False),
    ]


def test_columns_that_cannot_be_derived_say_so(run: Run, root: Path) -> None:
    done = run("lineage", "columns", "SELECT nothing AS a FROM visit", "--lake", root, "--format", "json")
    assert done.code == 0
    assert "Not derived" in done.err
    assert not any(each["proven"] for each in done.json())


@pytest.mark.parametrize("sql", ["SELECT (", "SELECT 1; SELECT 2", ""])
def test_text_that_is_no_statement_is_refused_without_its_words(run: Run, root: Path, sql: str) -> None:
    done = run("lineage", "columns", sql, "--lake", root, "--format", "json")
    assert (done.code, done.error()["code"]) == (2, "unreadable-sql")


def test_a_statement_without_lineage_is_refused(run: Run, root: Path) -> None:
    done = run("lineage", "columns", "DROP TABLE visit", "--lake", root, "--format", "json")
    assert (done.code, done.error()["code"]) == (2, "no-lineage")


def test_upstream_leads_to_the_file(run: Run, root: Path, tmp_path: Path) -> None:
    done = run("lineage", "upstream", "main.flag.ckd", "--lake", root, "--format", "json")
    near, far = done.json()
    assert (near["dataset"], near["column"], near["how"]) == ("main.visit", "dx", ["INDIRECT CONDITIONAL"])
    assert far["dataset"] == f"file:{tmp_path / 'visits.parquet'}"
    assert len(far["version"]) == 64


def test_people_see_a_tree(run: Run, root: Path) -> None:
    done = run("lineage", "upstream", "main.flag", "--lake", root)
    lines = done.out.splitlines()
    assert lines[1].startswith("main.visit ")
    assert lines[2].startswith("  /")


def test_depth_is_obeyed(run: Run, root: Path) -> None:
    done = run("lineage", "upstream", "main.flag", "--depth", "1", "--lake", root, "--format", "json")
    assert [each["dataset"] for each in done.json()] == ["main.visit"]


def test_downstream_and_impact_of_a_file(
    run: Run, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for verb in ("downstream", "impact"):
        done = run("lineage", verb, "visits.parquet", "--lake", root, "--format", "json")
        assert [each["dataset"] for each in done.json()] == ["main.visit", "main.flag"]


def test_show_is_one_step(run: Run, root: Path) -> None:
    done = run("lineage", "show", "main.flag.id", "--lake", root, "--format", "json")
    assert [(each["dataset"], each["column"]) for each in done.json()] == [("main.visit", "id")]


def test_a_name_that_no_run_knows(run: Run, root: Path) -> None:
    done = run("lineage", "upstream", "main.nothing", "--lake", root, "--format", "json")
    assert (done.code, done.error()["code"]) == (2, "unknown-dataset")


def test_events_and_their_export(run: Run, root: Path, tmp_path: Path) -> None:
    listed = run("lineage", "events", "--lake", root, "--format", "json").json()
    assert [each["state"] for each in listed] == ["COMPLETE", "START", "COMPLETE", "START"]
    one = run(
        "lineage", "events", "--run", listed[0]["run"], "--limit", "1", "--lake", root, "--format", "json"
    )
    assert [each["state"] for each in one.json()] == ["COMPLETE"]
    path = tmp_path / "events.ndjson"
    done = run("lineage", "export", path, "--lake", root, "--format", "json")
    assert done.json()["events"] == 4
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [each["eventType"] for each in lines] == ["START", "COMPLETE", "START", "COMPLETE"]


def test_an_export_that_cannot_be_written(run: Run, root: Path, tmp_path: Path) -> None:
    done = run("lineage", "export", tmp_path / "no" / "where", "--lake", root, "--format", "json")
    assert (done.code, done.error()["code"]) == (6, "lineage-file")


def test_verify_finds_a_run_without_an_end(run: Run, root: Path) -> None:
    assert run("lineage", "verify", "--lake", root).code == 0
    from lakeward.catalog.lake import open_lake

    lake = open_lake(root)
    with lake.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM lineage_event WHERE event_type = 'COMPLETE'")
    lake.close()
    done = run("lineage", "verify", "--lake", root, "--format", "json")
    assert done.code == 1
    assert {each["table"] for each in done.json()} == {None, "main.flag"}
