"""`lakeward audit`: the chain read, verified, counted, and its end noted elsewhere."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.lake import init_lake, owner_name

Run = Callable[..., Any]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A lake with a few records after its first."""
    lake = init_lake(tmp_path / "lake")
    for number in range(3):
        statement = {"statement_id": f"s{number}"}
        asked = {**statement, "tables": [{"table": "main.visit", "snapshot": 1}, {"table": "main.consent"}]}
        ended = {**statement, "rows": number}
        lake.audit.append(AuditEvent(kind="query", principal="ada", purpose="research", details=asked))
        lake.audit.append(
            AuditEvent(kind="query.finished", principal="ada", purpose="research", details=ended)
        )
    lake.audit.append(AuditEvent(kind="denial", principal="eve", purpose="research"))
    lake.close()
    return tmp_path / "lake"


def change(root: Path, statement: str) -> None:
    """Write to the store as somebody who has its file: no trigger stops that."""
    with sqlite3.connect(root / "governance.db") as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    connection.close()


def test_log_shows_the_newest_first(run: Run, root: Path) -> None:
    done = run("audit", "log", "--lake", root, "--format", "json")
    assert done.code == 0
    assert [record["seq"] for record in done.json()] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert done.json()[1]["details"] == {"rows": 2, "statement_id": "s2"}


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        (["--kind", "denial"], [8]),
        (["--principal", "ada", "--limit", "2"], [7, 6]),
        (["--since", "2000-01-01", "--kind", "query"], [6, 4, 2]),
        (["--since", "2999-01-01T00:00:00+02:00"], []),
    ],
)
def test_log_can_be_narrowed(run: Run, root: Path, words: list[str], seqs: list[int]) -> None:
    done = run("audit", "log", "--lake", root, "--format", "json", *words)
    assert [record["seq"] for record in done.json()] == seqs


def test_a_time_that_is_none_is_a_usage_error(run: Run, root: Path) -> None:
    done = run("audit", "log", "--lake", root, "--since", "yesterday")
    assert done.code == 2
    assert "ISO 8601" in done.err


def test_an_intact_chain_verifies(run: Run, root: Path) -> None:
    done = run("audit", "verify", "--lake", root, "--format", "json")
    assert done.code == 0
    assert done.json()["intact"] is True
    assert done.json()["records"] == 8


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET principal = 'grace' WHERE seq = 3",
        "DELETE FROM audit_record WHERE seq = 3",
        "DELETE FROM audit_record WHERE seq = 8",
        "UPDATE audit_record SET seq = 99 WHERE seq = 3",
    ],
)
def test_a_chain_that_was_touched_fails_the_check(run: Run, root: Path, statement: str) -> None:
    change(root, statement)
    done = run("audit", "verify", "--lake", root, "--format", "json")
    assert done.code == 1
    assert done.json()["intact"] is False
    assert done.json()["faults"]
    assert done.error()["code"] == "audit-chain-broken"


def test_a_checkpoint_shows_an_end_that_was_cut_off_with_its_note(
    run: Run, root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "elsewhere.json"
    assert run("audit", "checkpoint", path, "--lake", root).code == 0
    change(root, "DELETE FROM audit_record WHERE seq = 8")
    newest = run("audit", "verify", "--lake", root, "--format", "json").json()["last_hash"]
    (root / "audit.head").write_text(json.dumps([7, newest]), "ascii")
    assert run("audit", "verify", "--lake", root).code == 0
    assert run("audit", "verify", "--lake", root, "--checkpoint", path).code == 1


def test_a_checkpoint_of_another_lake_is_refused(run: Run, root: Path, tmp_path: Path) -> None:
    init_lake(tmp_path / "other").close()
    run("audit", "checkpoint", tmp_path / "other.json", "--lake", tmp_path / "other")
    done = run("audit", "verify", "--lake", root, "--checkpoint", tmp_path / "other.json")
    assert done.code == 2
    assert "signature" in done.err


def test_report_counts_by_principal_purpose_kind_and_table(run: Run, root: Path) -> None:
    lines = run("audit", "report", "--lake", root, "--format", "json").json()
    counted = {
        (line["principal"], line["kind"], line["table"]): (line["times"], line["rows"]) for line in lines
    }
    assert counted == {
        ("ada", "query", "main.visit"): (3, 3),
        ("ada", "query", "main.consent"): (3, 3),
        ("eve", "denial", ""): (1, 0),
        (owner_name(), "lake.init", ""): (1, 0),
    }


def test_the_lake_is_found_from_a_folder_inside_it(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "policies")
    assert run("audit", "verify").code == 0


def test_the_environment_names_the_lake(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEWARD_LAKE", str(root))
    assert run("audit", "verify").code == 0


def test_a_folder_without_a_lake_could_not_be_used(run: Run, tmp_path: Path) -> None:
    done = run("audit", "verify", "--lake", tmp_path, "--format", "json")
    assert done.code == 6
    assert done.error()["code"] == "not-a-lake"
