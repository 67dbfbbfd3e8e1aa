"""`lakeward demo`: plain in a pipe, an array for programs, one line when something is in the way."""

import json
import shlex
import sys
from pathlib import Path

import pytest

pytest.importorskip("cyvcf2")
pytest.importorskip("pydicom")

from lakeward.cli import demo as command
from lakeward.cli.main import main
from lakeward.cli.stage import ASKS, Stage, text_lines
from precision_oncology.demo_lake import MARKER
from precision_oncology.scenes.scene import Branch, Grid, Query, Refusal, Scene, Words

SCENE = Scene(
    "A title",
    (
        Words("Some words."),
        Query("SELECT 1"),
        Grid("Things", ("name", "n"), (("a\x1b[31m", 1), (None, 20))),
        Refusal("ada", "No.", "Ask."),
        Branch("root", (Branch("leaf"),)),
    ),
)


@pytest.mark.slow
def test_story_is_told_in_a_pipe(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lake = tmp_path / "lake"
    assert main(["demo", "--lake", str(lake)]) == 0
    told = capfd.readouterr()
    for title in ("1. What came in", "3. One question, four principals", "8. The audit chain"):
        assert title in told.out
    assert "synthetic data (seed 7)" in told.out
    assert "\x1b" not in told.out
    assert not [line for line in told.out.splitlines() if line != line.rstrip()]
    assert told.err == ""
    for words in ASKS:  # where the story ends, the reader goes on
        assert main([*shlex.split(words), "--lake", str(lake)]) == 0, words
        assert capfd.readouterr().out
    assert main(["demo", "--lake", str(lake), "--format", "json"]) == 0  # safe to run twice
    rows = json.loads(capfd.readouterr().out)
    assert {"scene", "part", "text"} == set(rows[0])


def test_bad_file_leaves_the_lake_as_it_was(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lake, data = tmp_path / "lake", tmp_path / "data"
    lake.mkdir()
    (lake / MARKER).write_text("")
    (lake / "lakeward.toml").write_text("an earlier lake")
    (data / "fhir").mkdir(parents=True)
    (data / "fhir" / "Patient.ndjson").write_text('{"resourceType":"Patient","id":"p1"}\n{"resource\n')
    assert main(["demo", "--lake", str(lake), "--data", str(data)]) == 2
    assert "Patient.ndjson:2: not a JSON object" in capfd.readouterr().err
    assert (lake / "lakeward.toml").read_text() == "an earlier lake"
    assert len(list(lake.iterdir())) == 2


def test_other_lakes_are_left_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lakeward.toml").write_text("name = 'mine'\n")
    assert main(["demo", "--lake", str(tmp_path)]) == 2
    assert "left as it is" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["lakeward.toml"]


def test_empty_data_is_said_to_be_empty(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    assert main(["demo", "--lake", str(tmp_path / "lake"), "--data", str(tmp_path / "data")]) == 2
    assert "holds none of the folders" in capfd.readouterr().err
    assert not (tmp_path / "lake").exists()


def test_missing_extra_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "NEEDED", ("cyvcf2", "no_such_module"))
    assert main(["demo"]) == 6
    error = capfd.readouterr().err
    assert "no_such_module is not installed" in error
    assert "lakeward[example]" in error


def test_stage_is_plain_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    Stage().show(SCENE)
    shown = capsys.readouterr().out
    assert "SQL> SELECT 1" in shown
    assert "  root\n    leaf" in shown
    assert "ada: refused" in shown
    assert "\x1b" not in shown  # what a terminal would obey is shown as an escape


def test_stage_is_drawn_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    Stage().show(SCENE)
    shown = capsys.readouterr().out
    assert "\x1b[" in shown
    assert "a\\x1b[31m" in shown  # a value never reaches the terminal as a command
    assert "─" in shown


def test_lines_of_a_scene() -> None:
    assert list(text_lines(SCENE)) == [
        ("A title", "words", "Some words."),
        ("A title", "query", "SELECT 1"),
        ("A title", "grid", "Things"),
        ("A title", "grid", "name=a\\x1b[31m; n=1"),
        ("A title", "grid", "name=NULL; n=20"),
        ("A title", "refusal", "ada No. Ask."),
        ("A title", "branch", "root"),
        ("A title", "branch", "  leaf"),
    ]
