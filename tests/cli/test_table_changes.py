"""`lakeward table alter` and its neighbours, as a steward types them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import TableName

Run = Callable[..., Any]
NAME = TableName("clinic", "patient")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    made = init_lake(tmp_path / "lake")
    rows = pa.table({"mrn": ["M1"], "note": ["n"]})
    write_batches(made, NAME, rows.to_reader(), actor="ada", tags={"mrn": ["phi.mrn"], "note": ["health"]})
    made.close()
    return tmp_path / "lake"


def _table(run: Run, lake: Path, *words: str | Path) -> Any:  # noqa: ANN401  what the command gave
    done = run("table", *words, "--lake", lake, "--format", "json")
    assert done.code == 0, done.err
    return done.json()


def test_a_table_through_its_changes(run: Run, lake: Path, tmp_path: Path) -> None:
    altered = _table(run, lake, "alter", "clinic.patient", "--rename", "note=remark", "--add", "site:string")
    assert altered == {"table": "clinic.patient", "unclassified": ["site"]}
    shown = {each["column"]: each for each in _table(run, lake, "show", "clinic.patient")}
    assert shown["remark"]["tags"] == "health"
    assert shown["site"]["state"] == "unclassified: hidden"
    marked = _table(run, lake, "mark", "clinic.patient", "frozen")
    file = tmp_path / "new.csv"
    file.write_text("mrn,site\nM2,north\n")
    replaced = _table(run, lake, "replace", "clinic.patient", file, "--tag", "site=health")
    assert replaced["unclassified"] == ["mrn"]
    assert replaced["bore_before"] == ["mrn=phi.mrn"]
    _table(run, lake, "branch", "clinic.patient", "audit", "--at", "frozen")
    back = _table(run, lake, "rollback", "clinic.patient", "--at", "audit", "--reason", "a bad load")
    assert back["snapshot"] == marked["snapshot"]
    assert _table(run, lake, "branch", "clinic.patient", "audit", "--remove")["removed"]


def test_a_dropped_table_is_registered_again(run: Run, lake: Path) -> None:
    metadata = max((lake / "warehouse").rglob("*.metadata.json"), key=lambda each: each.name)
    _table(run, lake, "drop", "clinic.patient", "--yes")
    assert _table(run, lake, "register", "clinic.patient", metadata)["unclassified"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("alter", "clinic.patient"), 2),
        (("alter", "clinic.patient", "--drop", "nope"), 2),
        (("alter", "clinic.nope", "--drop", "mrn"), 3),
        (("alter", "clinic.patient", "--rename", "mrn"), 2),
        (("replace", "clinic.nope", "FILE"), 3),
        (("rollback", "clinic.patient", "--at", "7", "--reason", "r"), 2),
        (("rollback", "clinic.patient", "--at", "main", "--reason", " "), 2),
        (("branch", "clinic.patient", "main"), 2),
        (("register", "clinic.new", "/nowhere/1.json"), 6),
    ],
)
def test_mistakes_are_one_line(
    run: Run, lake: Path, tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    file = tmp_path / "some.csv"
    file.write_text("a\n1\n")
    done = run("table", *(str(file) if each == "FILE" else each for each in words), "--lake", lake)
    assert done.code == code, done.err
    assert "Traceback" not in done.err


POLICY = """
version: 1
roles: {engineer: {members: [ann]}}
rights: [{id: e, to: [engineer], may: [table.alter, table.replace, table.branch], tables: ["clinic.*"]}]
"""
ACTS = {
    ("alter", "clinic.patient", "--add", "x:string"): 0,
    ("branch", "clinic.patient", "side"): 0,
    ("mark", "clinic.patient", "kept"): 0,
    ("rollback", "clinic.patient", "--at", "main", "--reason", "r"): 3,
    ("replace", "clinic.patient", "FILE", "--tag", "a=health"): 3,
    ("replace", "clinic.patient", "FILE"): 0,
}


@pytest.mark.parametrize(("words", "code"), ACTS.items())
def test_a_principal_changes_what_it_has_the_right_to(
    run: Run, lake: Path, tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    (lake / "policies" / "p.yaml").write_text(POLICY)
    file = tmp_path / "some.csv"
    file.write_text("a\n1\n")
    given = [str(file) if each == "FILE" else each for each in words]
    assert run("table", *given, "--as", "ann", "--lake", lake).code == code
    assert run("table", *given, "--as", "eve", "--lake", lake).code == 3
