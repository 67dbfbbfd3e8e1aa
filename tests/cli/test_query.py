"""`lakeward query` and `lakeward explain`: the whole way, from the words of a shell to bytes on a stream."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from lakeward.catalog.ingest.importing import import_table
from lakeward.catalog.lake import init_lake

Run = Callable[..., Any]
LAKEWARD = Path(sys.executable).with_name("lakeward")
VISITS = """visit_id,name,site
1,Ada,north
2,Ben,south
3,Cleo,north
"""
POLICY = """
version: 1
roles:
  researcher: {members: [ada]}
  steward: {members: [sam]}
purposes: [research]
grants:
  - id: northern-visits
    to: [researcher, steward]
    purposes: [research]
    tables: [main.visit]
    rows: "site = 'north'"
    columns:
      - {tags: [sensitivity.none], mask: clear}
      - {tags: [phi.name], mask: replace-with-null}
rights:
  - {id: stewards, to: [steward], may: [policy.read]}
"""
ADA = ("--as", "ada", "--purpose", "research")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("query")
    lake = init_lake(folder / "lake")
    (folder / "visits.csv").write_text(VISITS, "utf-8")
    plain = ["sensitivity.none"]
    tags = {"visit_id": plain, "name": ["phi.name"], "site": plain}
    import_table(lake, lake.name("visit"), folder / "visits.csv", actor="sam", tags=tags)
    (lake.policies_dir / "policy.yaml").write_text(POLICY, "utf-8")
    lake.close()
    return folder / "lake"


def ask(run: Run, root: Path, sql: str, *words: str, command: str = "query") -> Any:  # noqa: ANN401  a Result
    return run(command, sql, *ADA, "--lake", root, *words)


def test_an_answer_holds_the_visible_cells(run: Run, root: Path) -> None:
    done = ask(run, root, "SELECT * FROM main.visit ORDER BY visit_id", "--format", "json")
    assert done.code == 0
    assert done.json() == [
        {"visit_id": 1, "name": None, "site": "north"},
        {"visit_id": 3, "name": None, "site": "north"},
    ]


def test_a_pipe_gets_text_and_nothing_else_on_stdout(root: Path) -> None:
    words: list[str | Path] = [LAKEWARD, "query", "-", *ADA, "--lake", root]
    sql = "SELECT count(*) AS visits FROM main.visit"
    done = subprocess.run(words, input=sql, check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("visits\n     2\n", "")


def test_csv(run: Run, root: Path) -> None:
    done = ask(run, root, "SELECT visit_id, site FROM visit ORDER BY 1", "--format", "csv", "--limit", "1")
    assert done.out == "visit_id,site\n1,north\n"


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_binary_forms_go_through_a_pipe(root: Path, form: str) -> None:
    sql = "SELECT site, visit_id FROM main.visit"
    words: list[str | Path] = [LAKEWARD, "query", sql, *ADA, "--lake", root, "--format", form]
    answer = subprocess.run(words, check=True, capture_output=True).stdout
    table = ipc.open_stream(answer).read_all() if form == "arrow" else parquet.read_table(io.BytesIO(answer))
    assert table.column("visit_id").to_pylist() == [1, 3]
    assert table.schema.field("site").type == pa.string()


def test_an_answer_goes_into_a_file(run: Run, root: Path, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    done = ask(run, root, "SELECT visit_id FROM visit", "--format", "json", "--output", str(path))
    assert (done.code, done.out) == (0, "")
    assert [row["visit_id"] for row in json.loads(path.read_text("utf-8"))] == [1, 3]


@pytest.mark.parametrize("sql", ["SELECT * FROM main.visit", "SELECT * FROM main.no_such_table"])
def test_a_denial_and_an_absence_are_the_same(run: Run, root: Path, tmp_path: Path, sql: str) -> None:
    path = tmp_path / "answer"
    words = ("--as", "eve", "--purpose", "research", "--lake", root, "--format", "json", "--output", path)
    done = run("query", sql, *words)
    assert done.code == 3
    assert done.error()["code"] == "denied"
    assert not path.exists()
    absent = run("query", "SELECT 1 FROM main.something_else", *words).err
    assert done.err.replace(sql.removeprefix("SELECT * FROM "), "main.something_else") == absent


def test_a_statement_that_is_no_query_is_refused(run: Run, root: Path) -> None:
    assert ask(run, root, "DROP TABLE main.visit").code == 3


def test_a_purpose_that_nobody_declared_is_denied(run: Run, root: Path) -> None:
    assert run("query", "SELECT 1", "--as", "ada", "--purpose", "profit", "--lake", root).code == 3


def test_a_query_in_the_past_is_named_by_snapshot(run: Run, root: Path) -> None:
    [table] = ask(run, root, "SELECT * FROM visit", "--format", "json", command="explain").json()["tables"]
    done = ask(run, root, "SELECT visit_id FROM visit", "--at", str(table["snapshot_id"]), "--format", "csv")
    assert done.out == "visit_id\n1\n3\n"


def test_explain_names_grant_mask_and_way(run: Run, root: Path) -> None:
    done = ask(run, root, "SELECT * FROM main.visit", "--format", "json", command="explain")
    assert done.code == 0
    explained = done.json()
    [table] = explained["tables"]
    assert explained["way"] in {"fused", "staged"}
    assert table["grants"] == ["northern-visits"]
    assert {column["name"]: column["forms"] for column in table["columns"]} == {
        "visit_id": ["clear"],
        "name": ["replace-with-null"],
        "site": ["clear"],
    }


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_explain_shows_filters_and_sql_only_to_who_may_read_policy(run: Run, root: Path, form: str) -> None:
    words = ("explain", "SELECT * FROM main.visit", "--purpose", "research", "--lake", root, "--format", form)
    assert "'north'" not in run(*words, "--as", "ada").out
    shown = run(*words, "--as", "sam").out
    assert "northern-visits" in shown
    assert form == "csv" or "'north'" in shown


def test_explain_says_what_would_lift_a_denial(run: Run, root: Path) -> None:
    done = run("explain", "SELECT * FROM main.visit", "--as", "eve", "--purpose", "research", "--lake", root)
    assert done.code == 0
    assert "refused" in done.out
    assert "grant" in done.out


def test_explain_says_why_a_statement_is_staged(run: Run, root: Path) -> None:
    sql = "SELECT CAST(site AS INTEGER) FROM main.visit"
    assert "staged" in ask(run, root, sql, command="explain").out


def test_an_error_of_the_engine_holds_no_value(run: Run, root: Path) -> None:
    done = ask(run, root, "SELECT CAST(site AS INTEGER) FROM main.visit")
    assert done.code == 2
    assert "north" not in done.err + done.out
