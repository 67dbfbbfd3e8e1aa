"""`lakeward tag`, as a steward types it."""

import json
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
    rows = pa.table({"mrn": ["M1"], "address": [{"street": "s", "zip": "z"}], "note": ["n"]})
    write_batches(made, NAME, rows.to_reader(), actor="ada")
    made.close()
    return tmp_path / "lake"


def _tag(run: Run, lake: Path, *words: str) -> Any:  # noqa: ANN401  what the command gave
    done = run("tag", *words, "--lake", lake, "--format", "json")
    assert done.code == 0, done.err
    return done.json()


def test_set_list_find_remove_history(run: Run, lake: Path) -> None:
    set_ = _tag(run, lake, "set", "clinic.patient", "mrn", "phi.mrn", "role.direct", "--by", "grace")
    assert set_ == [
        {"action": "set", "column": "mrn", "tag": "phi.mrn"},
        {"action": "set", "column": "mrn", "tag": "role.direct"},
    ]
    _tag(run, lake, "set", "clinic.patient", "address.zip", "phi.geo")
    _tag(run, lake, "set", "clinic.*", "*", "origin.synthetic")
    listed = {each["column"]: each for each in _tag(run, lake, "list", "clinic.patient")}
    assert listed["mrn"]["tags"] == "phi.mrn, role.direct"
    assert listed["mrn"]["inherited"] == "origin.synthetic"
    assert listed["address"]["state"] == "unclassified: hidden"
    found = _tag(run, lake, "find", "phi.*")
    assert [(each["column"], each["tag"]) for each in found] == [
        ("mrn", "phi.mrn"),
        ("address.zip", "phi.geo"),
    ]
    assert {each["set on"] for each in _tag(run, lake, "find", "origin.synthetic")} == {"clinic"}
    _tag(run, lake, "remove", "clinic.patient", "mrn", "role.direct", "--reason", "a key")
    last = _tag(run, lake, "history", "clinic.patient")[-1]
    assert (last["action"], last["tag"], last["reason"]) == ("remove", "role.direct", "a key")
    _tag(run, lake, "remove", "clinic.*", "*", "origin.synthetic", "--reason", "real after all")
    assert _tag(run, lake, "find", "origin.synthetic") == []


def test_nothing_to_do_says_so(run: Run, lake: Path) -> None:
    _tag(run, lake, "set", "clinic.patient", "mrn", "phi.mrn")
    again = run("tag", "set", "clinic.patient", "mrn", "phi.mrn", "--lake", lake)
    assert again.code == 0
    assert "Nothing had to be changed." in again.err


def test_the_taxonomy_is_shown(run: Run, lake: Path) -> None:
    phi = _tag(run, lake, "taxonomy", "phi")
    assert sorted(each["letter"] for each in phi if each["letter"]) == list("ABCDEFGHIJKLMNOPQR")
    assert len(_tag(run, lake, "taxonomy")) > 100
    assert run("tag", "taxonomy", "nope", "--lake", lake).code == 2


def test_accepting_what_was_changed_outside(run: Run, lake: Path) -> None:
    from lakeward.catalog.lake import open_lake

    _tag(run, lake, "set", "clinic.patient", "mrn", "phi.mrn")
    table = open_lake(lake).iceberg().load_table(str(NAME))
    table.transaction().set_properties({"lakeward.tag.1": "sensitivity.none"}).commit_transaction()
    refused = run("tag", "list", "clinic.patient", "--lake", lake, "--format", "json")
    assert refused.code == 6
    error = json.loads(refused.err)["error"]
    assert error["code"] == "unverified-tags"
    assert "tag accept" in error["hint"]
    assert run("tag", "accept", "clinic.patient", "--lake", lake).code == 2  # no reason
    _tag(run, lake, "accept", "clinic.patient", "--restore", "--reason", "a mistake")
    assert _tag(run, lake, "list", "clinic.patient")[1]["tags"] == "phi.mrn"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("set", "clinic.patient", "mrn", "phi.mrm"), 2),
        (("set", "clinic.patient", "mnr", "phi.mrn"), 2),
        (("set", "nowhere.nothing", "mrn", "phi.mrn"), 3),
        (("set", "nowhere.*", "*", "health"), 2),
        (("remove", "clinic.patient", "mrn", "phi.mrn", "--reason", " "), 2),
        (("remove", "clinic.patient", "mrn", "phi.mrn", "--reason", "r"), 2),
        (("find", "phi.nope"), 2),
        (("list", "nowhere.nothing"), 3),
    ],
)
def test_mistakes_are_one_line(run: Run, lake: Path, words: tuple[str, ...], code: int) -> None:
    done = run("tag", *words, "--lake", lake)
    assert done.code == code, done.err
    assert "Traceback" not in done.err
