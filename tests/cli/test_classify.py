"""`lakeward classify`: proposals without a value, a review, and what is then applied."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tables import evolve_table

Run = Callable[..., Any]
NAME = TableName("clinic", "patient")
PLANTED = [f"{number:03}-45-{number:04}" for number in range(101, 141)]
ROWS = pa.table(
    {
        "patient_id": pa.array(range(900_001, 900_041)),
        "ref": PLANTED,
        "address": [{"city": "Boston", "zip": "02139"}] * 40,
        "unit": ["mg/dL"] * 40,
        "blob": pa.array([b"\x00\x01"] * 40),
    }
)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    made = init_lake(tmp_path / "lake")
    write_batches(made, NAME, ROWS.to_reader(), actor="ada")
    made.close()
    return tmp_path / "lake"


def scan(run: Run, *words: str | Path) -> dict[str, dict[str, Any]]:
    done = run("classify", "scan", *words, "--format", "json")
    assert done.code == 0, done.err
    assert not any(planted in done.out + done.err for planted in PLANTED)
    return {each["column"]: each for each in done.json()}


def test_a_table_is_scanned_by_its_values(run: Run, lake: Path) -> None:
    found = scan(run, "clinic.patient", "--lake", lake)
    assert set(found["ref"]) == {"table", "column", "role", "tags", "confidence", "evidence"}
    assert found["ref"]["role"] == "direct"
    assert "phi.ssn" in found["ref"]["tags"]
    assert found["address.zip"]["tags"][0] == "phi.geo"
    assert found["unit"]["role"] == "none"
    assert found["blob"]["role"] == "unclassified"
    assert scan(run, "clinic", "--lake", lake) == found


def test_without_values_a_name_that_says_nothing_is_held_back(run: Run, lake: Path) -> None:
    found = scan(run, "clinic.patient", "--columns-only", "--lake", lake)
    assert found["ref"]["role"] == "unclassified"
    assert found["patient_id"]["role"] == "direct"


@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson"])
def test_a_file_needs_no_lake(run: Run, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"patients.{ending}"
    flat = ROWS.select(["patient_id", "ref", "unit"])
    if ending == "parquet":
        pq.write_table(flat, path)
    elif ending == "csv":
        lines = [",".join(flat.column_names), *(",".join(map(str, row.values())) for row in flat.to_pylist())]
        path.write_text("\n".join(lines) + "\n", "utf-8")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in flat.to_pylist()), "utf-8")
    found = scan(run, path)
    assert [each["role"] for each in found.values()] == ["direct", "direct", "none"]
    assert found["ref"]["table"] == "patients"
    assert scan(run, path, "--columns-only")["patient_id"]["role"] == "direct"


def test_a_list_of_columns_is_judged_by_names(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "schemas.csv"
    path.write_text("table,column,type\nperson,birth_date,date\nperson,email,int\n", "utf-8")
    found = scan(run, path, "--schemas")
    assert found["birth_date"]["role"] == "quasi"
    assert found["email"]["role"] != "direct"  # a whole number is no address
    assert run("classify", "scan", path, "--schemas").code == 0
    path.write_text("a,b\n1,2\n", "utf-8")
    assert run("classify", "scan", path, "--schemas", "--format", "json").error()["code"] == "no-column-list"


def test_a_first_line_of_data_is_not_shown_as_names(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"1,{PLANTED[0]},Ann\n2,{PLANTED[1]},Bob\n", "utf-8")
    done = run("classify", "scan", path, "--format", "json")
    assert done.code == 2
    assert done.error()["code"] == "no-header"
    assert PLANTED[0] not in done.err


def test_what_a_person_reviewed_is_applied(run: Run, lake: Path, tmp_path: Path) -> None:
    review = tmp_path / "review.yaml"
    scan(run, "clinic.patient", "--lake", lake, "--output", review)
    assert not any(planted in review.read_text("utf-8") for planted in PLANTED)
    edited = review.read_text("utf-8").replace("- phi.ssn", "- phi.ssn\n  - restricted")
    review.write_text(edited, "utf-8")
    words = ("classify", "apply", review, "--lake", lake, "--format", "json")
    assert run(*words, "--reason", " ").code == 2
    done = run(*words, "--reason", "reviewed", "--by", "grace")
    assert done.code == 0, done.err
    outcomes = {each["column"]: each["outcome"] for each in done.json()}
    assert outcomes["ref"] == "applied"
    assert outcomes["blob"] == "held back"
    history = run("tag", "history", "clinic.patient", "--lake", lake, "--format", "json").json()
    assert {"phi.ssn", "restricted"} <= {each["tag"] for each in history if each["path"] == "ref"}
    assert {each["actor"] for each in history} == {"grace"}
    assert {each["reason"] for each in history} == {"reviewed"}
    assert {"unchanged", "held back"} == {each["outcome"] for each in run(*words, "--reason", "again").json()}
    kinds = run("audit", "log", "--lake", lake, "--format", "json").json()
    assert {"classify.scan", "classify.apply"} <= {each["kind"] for each in kinds}


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("role: direct\n  tags: [sensitivity.none]", "stands with another role"),
        ("role: none\n  tags: [phi.ssn]", "goes with the tag sensitivity.none alone"),
        ("role: odd\n  tags: [phi.ssn]", "`role` is none of"),
        ("role: direct\n  tags: [phi.ssn]\n  more: 1", "unknown key"),
        ("role: direct\n  tags: phi.ssn", "are texts"),
    ],
)
def test_a_review_that_contradicts_itself_changes_nothing(
    run: Run, lake: Path, tmp_path: Path, entry: str, fault: str
) -> None:
    review = tmp_path / "review.yaml"
    review.write_text(
        "- table: clinic.patient\n  column: unit\n  role: none\n  tags: [sensitivity.none]\n"
        f"- table: clinic.patient\n  column: ref\n  {entry}\n",
        "utf-8",
    )
    done = run("classify", "apply", review, "--reason", "x", "--lake", lake, "--format", "json")
    assert done.code == 2
    assert fault in done.error()["message"]
    assert run("tag", "history", "clinic.patient", "--lake", lake, "--format", "json").json() == []


def test_a_person_is_not_overruled(run: Run, lake: Path, tmp_path: Path) -> None:
    review = tmp_path / "review.json"
    scan(run, "clinic.patient", "--lake", lake, "--output", review)
    run("tag", "set", "clinic.patient", "ref", "study_id", "--lake", lake)
    done = run("classify", "scan", "clinic.patient", "--lake", lake, "--format", "json")
    assert "ref" not in {each["column"] for each in done.json()}
    assert "1 column(s) that a person has tagged" in done.err
    assert "ref" in scan(run, "clinic.patient", "--pinned", "--lake", lake)
    words = ("classify", "apply", review, "--lake", lake, "--format", "json", "--reason", "x")
    assert {each["column"]: each["outcome"] for each in run(*words).json()}["ref"] == "pinned"
    assert {each["column"]: each["outcome"] for each in run(*words, "--overrule").json()}["ref"] == "applied"


def test_only_what_changed_is_judged_again(run: Run, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(run, "clinic.patient", "--lake", lake)
    assert scan(run, "clinic.patient", "--changed", "--lake", lake) == {}
    opened = open_lake(lake)
    evolve_table(opened, NAME, lambda update: update.rename_column("ref", "serial"), actor="ada")
    assert set(scan(run, "clinic.patient", "--changed", "--lake", lake)) == {"serial"}
    more = ROWS.slice(0, 2).set_column(0, "patient_id", pa.array([900_091, 900_092]))
    more = more.set_column(1, "serial", pa.array(["191-45-0191", "192-45-0192"]))
    write_batches(opened, NAME, more.to_reader(), actor="ada")
    opened.close()
    assert scan(run, "clinic.patient", "--changed", "--lake", lake) == {}  # more of the same
    monkeypatch.setattr("lakeward.catalog.classify.lake_scan.VERSION", "next")
    assert set(scan(run, "clinic.patient", "--changed", "--lake", lake)) >= {"serial", "patient_id"}


def test_the_detectors_are_listed(run: Run) -> None:
    names = [each["name"] for each in run("classify", "detectors", "--format", "json").json()]
    assert {"ssn", "npi", "free_text"} <= set(names)
    assert len(names) == len(set(names))


def test_a_csv_file_is_scanned_whatever_its_columns_are_called(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "strange.csv"
    rows = [f"{planted},caf\u00e9 {index},{index},x" for index, planted in enumerate(PLANTED)]
    text = "\n".join(["31-0.0,#CHROM,a.b,a.b", *rows, "short row", "one,too,many,cells,here"])
    path.write_bytes(text.encode("latin-1"))
    done = run("classify", "scan", path, "--format", "json")
    assert done.code == 0, done.err
    assert [each["column"] for each in done.json()] == ["31-0.0", "#CHROM", "a.b", "a.b"]
    assert done.json()[0]["role"] == "direct"
    assert not any(planted in done.out + done.err for planted in PLANTED)


def test_to_apply_for_somebody_takes_the_right_to_tag(run: Run, lake: Path, tmp_path: Path) -> None:
    review = tmp_path / "review.yaml"
    scan(run, "clinic.patient", "--lake", lake, "--output", review)
    (lake / "policies" / "rights.yaml").write_text(
        "version: 1\nroles: {tagger: {members: [ann]}}\n"
        "rights: [{id: taggers, to: [tagger], may: [tag.apply], tables: ['clinic.*']}]\n",
        "utf-8",
    )
    words = ("classify", "apply", review, "--lake", lake, "--reason", "x", "--format", "json")
    assert run(*words, "--as", "bob").code == 3
    assert run("tag", "history", "clinic.patient", "--lake", lake, "--format", "json").json() == []
    assert run(*words, "--as", "ann").code == 0


def test_the_sample_is_spread_over_the_files_of_a_table(run: Run, tmp_path: Path) -> None:
    made = init_lake(tmp_path / "spread")
    for start in range(0, 40, 10):
        words = ["ok"] * 10 if start < 30 else PLANTED[:10]
        write_batches(made, NAME, pa.table({"record_status": words}).to_reader(), actor="ada")
    made.close()
    found = scan(run, "clinic.patient", "--sample", "8", "--lake", tmp_path / "spread")
    assert found["record_status"]["role"] not in {"none", "unclassified"}


def test_the_sample_is_spread_over_one_row_group(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    pq.write_table(pa.table({"record_status": ["ok"] * 9_000 + PLANTED * 25}), path)
    assert scan(run, path, "--sample", "400")["record_status"]["role"] not in {"none", "unclassified"}
