"""`lakeward init` and `lakeward doctor`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_init_makes_a_lake_that_the_doctor_finds_in_order(run: Run, tmp_path: Path) -> None:
    made = run("init", tmp_path / "clinic", "--name", "clinic", "--format", "json")
    assert made.code == 0
    assert made.json() == {"lake": str(tmp_path / "clinic"), "name": "clinic"}
    looked = run("doctor", "--lake", tmp_path / "clinic", "--format", "json")
    assert looked.code == 0
    assert {finding["level"] for finding in looked.json()} == {"ok"}


def test_init_changes_nothing_where_a_lake_is(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    again = run("init", tmp_path)
    assert again.code == 2
    assert again.err.startswith("Error: ")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_name_that_sql_could_mistake_is_refused(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "lake", "--name", "my lake; --").code == 2
    assert not (tmp_path / "lake").exists()


def test_doctor_says_what_is_wrong_and_fails(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path)
    for key in (tmp_path / "keys").iterdir():
        key.chmod(0o644)
    looked = run("doctor", "--lake", tmp_path, "--format", "json")
    assert looked.code == 1
    [fault] = [finding for finding in looked.json() if finding["level"] == "error"]
    assert "chmod 600" in fault["hint"]
