"""`lakeward tag` for many stewards: rights, files, coverage, the past."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake, open_lake
from lakeward.catalog.names import TableName

Run = Callable[..., Any]
NAME = TableName("clinic", "patient")
POLICY = """
version: 1
roles:
  tagger: {members: [ann]}
  steward: {members: ["group:office"], includes: [tagger]}
  author: {members: [tom]}
purposes: [research]
rights:
  - {id: taggers, to: [tagger], may: [tag.apply], tables: ["clinic.*"]}
  - {id: stewards, to: [steward], may: [tag.remove, tag.accept], tables: ["*"]}
  - {id: authors, to: [author], may: [tag.define]}
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    made = init_lake(tmp_path / "lake")
    rows = pa.table({"mrn": ["M1"], "note": ["n"]})
    write_batches(made, NAME, rows.to_reader(), actor="ada", tags={"note": ["health"]})
    (made.root / "policies" / "rights.yaml").write_text(POLICY, "utf-8")
    config = made.root / "lakeward.toml"
    config.write_text(config.read_text("utf-8") + '\n[principals.sue]\ngroups = ["office"]\n', "utf-8")
    made.close()
    return tmp_path / "lake"


def _tag(run: Run, lake: Path, *words: str | Path, code: int = 0) -> Any:  # noqa: ANN401  what the command gave
    done = run("tag", *words, "--lake", lake, "--format", "json")
    assert done.code == code, done.err
    return done.json() if code == 0 else json.loads(done.err)["error"]


SET = ("set", "clinic.patient", "mrn", "phi.mrn")
REMOVE = ("remove", "clinic.patient", "note", "health", "--reason", "r")
ACCEPT = ("accept", "clinic.patient", "--reason", "r")
DEFINE = ("define", "lab.batch", "--title", "Batch")
WHOLE = ("set", "clinic.*", "*", "health")
ELSEWHERE = ("set", "other.*", "*", "health")


@pytest.mark.parametrize(
    ("who", "words", "code"),
    [
        ("ann", SET, 0),
        ("ann", WHOLE, 0),
        ("ann", ELSEWHERE, 3),
        ("ann", REMOVE, 3),
        ("ann", ACCEPT, 3),
        ("ann", DEFINE, 3),
        ("sue", SET, 0),
        ("sue", REMOVE, 0),
        ("sue", ACCEPT, 0),
        ("sue", DEFINE, 3),
        ("tom", DEFINE, 0),
        ("tom", SET, 3),
        ("nobody", SET, 3),
    ],
)
def test_each_act_takes_its_own_right(
    run: Run, lake: Path, who: str, words: tuple[str, ...], code: int
) -> None:
    if not code:
        _tag(run, lake, *words, "--as", who)
        return
    before = open_lake(lake).pin(NAME)
    error = _tag(run, lake, *words, "--as", who, code=code)
    assert error["code"] == "no-right"
    assert open_lake(lake).pin(NAME) == before
    (record,) = open_lake(lake).audit.records(kind="right.denied")
    assert record.principal == who


def test_no_right_counts_while_a_document_is_not_valid(run: Run, lake: Path) -> None:
    (lake / "policies" / "broken.yaml").write_text("version: 2\n")
    assert run("tag", *SET, "--as", "ann", "--lake", lake).code == 2
    assert not open_lake(lake).pin(NAME).columns[0].is_classified


def test_a_reviewed_file_takes_the_rights_that_it_uses(run: Run, lake: Path, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text(
        "table,column,tags,action\nclinic.patient,mrn,phi.mrn,\nclinic.patient,note,health,remove\n"
    )
    assert _tag(run, lake, "apply", file, "--as", "ann", "--reason", "r", code=3)["code"] == "no-right"
    assert _tag(run, lake, "apply", file, code=2)["code"] == "missing-reason"
    would = _tag(run, lake, "apply", file, "--reason", "r", "--dry-run")
    assert [(each["action"], each["column"]) for each in would] == [("remove", "note"), ("set", "mrn")]
    assert _tag(run, lake, "list", "clinic.patient")[1]["tags"] == ""
    assert _tag(run, lake, "apply", file, "--reason", "r", "--as", "sue") == would
    assert _tag(run, lake, "list", "clinic.patient")[1]["tags"] == "phi.mrn"


def test_coverage_is_a_bar_for_ci(run: Run, lake: Path) -> None:
    (found,) = _tag(run, lake, "coverage", "--min", "50")
    assert (found["columns"], found["classified"], found["percent"]) == (2, 1, 50.0)
    done = run("tag", "coverage", "--min", "51", "--lake", lake)
    assert done.code == 1
    assert "clinic" in done.err
    assert run("tag", "coverage", "--min", "101", "--lake", lake).code == 2


def test_the_past_and_the_difference(run: Run, lake: Path) -> None:
    _tag(run, lake, *SET)
    _tag(run, lake, *REMOVE)
    assert [each["column"] for each in _tag(run, lake, "list", "clinic.patient", "--at", "main")] == [
        "*",
        "mrn",
        "note",
    ]
    assert _tag(run, lake, "list", "clinic.patient", "--at", "2000-01-01") == [
        {"column": "*", "tags": "", "inherited": ""}
    ]
    assert _tag(run, lake, "diff", "clinic.patient", "2000-01-01", "main") == [
        {"column": "mrn", "change": "set", "tag": "phi.mrn"}
    ]
    assert _tag(run, lake, "history", "clinic.patient", "--at", "2000-01-01") == []
    assert len(_tag(run, lake, "history", "clinic.patient", "--at", "2999-01-01")) == 3
    assert (
        _tag(run, lake, "list", "clinic.patient", "--at", "nowhere", code=2)["code"] == "snapshot-not-found"
    )
