"""`lakeward table`, as a steward types it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeward.catalog.lake import init_lake, open_lake

Run = Callable[..., Any]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    init_lake(tmp_path / "lake").close()
    return tmp_path / "lake"


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    path = tmp_path / "labs.csv"
    path.write_text("mrn,zip,glucose\nM1,02139,99.5\nM2,10001,101\n")
    return path


def _import(run: Run, lake: Path, labs: Path, *words: str) -> Any:  # noqa: ANN401  a result of `run`
    return run("table", "import", "main.labs", labs, "--lake", lake, "--format", "json", *words)


def test_an_import_is_listed_shown_and_followed(run: Run, lake: Path, labs: Path) -> None:
    done = _import(run, lake, labs, "--tag", "mrn=phi.mrn", "--owner", "ada", "--by", "grace")
    assert done.code == 0, done.err
    assert (done.json()["rows"], done.json()["unclassified"]) == (2, ["zip", "glucose"])
    assert "zip, glucose" in done.err
    (listed,) = run("table", "list", "--lake", lake, "--format", "json").json()
    assert (listed["name"], listed["rows"], listed["unclassified"], listed["owner"]) == (
        "main.labs",
        2,
        2,
        "ada",
    )
    shown = run("table", "show", "labs", "--lake", lake, "--format", "json")
    assert [(each["column"], each["tags"], each["state"]) for each in shown.json()] == [
        ("mrn", "phi.mrn", "classified"),
        ("zip", "", "unclassified: hidden"),
        ("glucose", "", "unclassified: hidden"),
    ]
    assert "Hidden until somebody tags them: zip, glucose." in shown.err
    (snapshot,) = run("table", "history", "labs", "--lake", lake, "--format", "json").json()
    assert snapshot["snapshot_id"] == done.json()["snapshot"]
    opened = open_lake(lake)
    assert opened.audit.records(kind="import")[0].principal == "grace"
    lineage = run("lineage", "show", "main.labs", "--lake", lake)
    assert lineage.code == 0, lineage.err


def test_a_dry_run_writes_nothing(run: Run, lake: Path, labs: Path) -> None:
    done = _import(run, lake, labs, "--dry-run")
    assert done.code == 0, done.err
    assert done.json()["would_create"] is True
    assert done.json()["columns"]["zip"] == "string"
    assert run("table", "list", "--lake", lake, "--format", "json").json() == []


def test_evolve_and_replace(run: Run, lake: Path, labs: Path) -> None:
    assert _import(run, lake, labs).code == 0
    labs.write_text("mrn,zip,glucose,unit\nM1,02139,99.5,mg\n")
    refused = _import(run, lake, labs)
    assert refused.code == 2
    assert json.loads(refused.err)["error"]["code"] == "schema-mismatch"
    assert _import(run, lake, labs, "--evolve").code == 0
    assert _import(run, lake, labs, "--replace").code == 0
    (listed,) = run("table", "list", "--lake", lake, "--format", "json").json()
    assert (listed["rows"], listed["columns"]) == (1, 4)


def test_how_to_read_can_be_said(run: Run, lake: Path, tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text("id;n\n1;NA\n2;5\n")
    words = ("--from", "csv", "--delimiter", ";", "--null", "NA", "--type", "id=string")
    assert _import(run, lake, path, *words).code == 0
    shown = run("table", "show", "labs", "--lake", lake, "--format", "json").json()
    assert [each["type"] for each in shown] == ["string", "long"]


def test_create_and_drop(run: Run, lake: Path) -> None:
    words = (
        "--column",
        "id:long",
        "--column",
        "cost:decimal(9, 2)",
        "--tag",
        "id=phi.mrn",
        "--tag",
        "*=restricted",
    )
    made = run("table", "create", "clinic.visit", *words, "--lake", lake, "--format", "json")
    assert made.code == 0, made.err
    assert made.json()["unclassified"] == ["cost"]
    assert run("table", "create", "clinic.visit", *words, "--lake", lake).code == 2
    dropped = run("table", "drop", "clinic.visit", "--yes", "--purge", "--lake", lake, "--format", "json")
    assert dropped.json() == {"dropped": "clinic.visit", "purged": True}
    assert not list((lake / "warehouse").rglob("*.json"))
    assert run("table", "show", "clinic.visit", "--lake", lake).code == 3
    assert run("table", "drop", "clinic.visit", "--yes", "--lake", lake).code == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("create", "x", "--column", "id"), 2),
        (("create", "x", "--column", "id:varchar"), 2),
        (("create", "x", "--column", "id:long", "--tag", "id"), 2),
        (("create", "x", "--column", "id:long", "--tag", "id=phi.nope"), 2),
        (("create", "X;DROP", "--column", "id:long"), 2),
        (("show", "nowhere.nothing"), 3),
        (("history", "nowhere.nothing"), 3),
        (("import", "x", "/no/such/file.csv"), 2),
    ],
)
def test_mistakes_are_one_line(run: Run, lake: Path, words: tuple[str, ...], code: int) -> None:
    done = run("table", *words, "--lake", lake)
    assert done.code == code, done.err
    assert "Traceback" not in done.err


def test_a_bad_file_tells_the_line_and_no_value(run: Run, lake: Path, labs: Path) -> None:
    labs.write_text("mrn,zip\nM1,02139\nSECRET\n")
    done = _import(run, lake, labs)
    assert done.code == 2
    assert "line 3" in done.err
    assert "SECRET" not in done.err + done.out
