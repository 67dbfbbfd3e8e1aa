"""`lakeward contract`: write, lint, check, diff, show; each with its exit code and its outputs."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakeward.catalog.ingest.importing import import_table
from lakeward.catalog.lake import init_lake, open_lake
from lakeward.catalog.names import TableName

Run = Callable[..., Any]
NAME = TableName("clinical", "observations")
CANARY = "CANARY-4711"
VALID = "apiVersion: v3.1.0\nkind: DataContract\nid: obs\nversion: 1.0.0\nstatus: active\n"
RULES = """\
schema:
- name: observations
  physicalName: clinical.observations
  properties:
  - name: mrn
    logicalType: string
    required: true
    tags: [phi.mrn]
    logicalTypeOptions: {pattern: '^MRN[0-9]+$'}
  - name: rate
    logicalType: number
    logicalTypeOptions: {minimum: 0, maximum: 300}
  - name: home
    logicalType: object
    properties: [{name: zip, logicalType: string, logicalTypeOptions: {maxLength: 5}}]
  quality:
  - {id: rows, metric: rowCount, mustBeGreaterThan: 1}
  - {id: order, type: sql, mustBe: 0, query: 'SELECT count(*) FROM {object} WHERE NOT rate < 1000'}
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Make a lake with one table of three rows, one of which breaks rules."""
    rows = pa.table(
        {
            "mrn": ["MRN1", "MRN2", CANARY],
            "rate": [60.0, float("nan"), None],
            "home": [{"zip": "1"}, {"zip": None}, None],
        }
    )
    pq.write_table(rows, tmp_path / "rows.parquet")
    made = init_lake(tmp_path / "lake")
    tags = {"mrn": ["phi.mrn"], "rate": ["sensitivity.none"], "home.zip": ["phi.geo"]}
    import_table(made, NAME, tmp_path / "rows.parquet", actor="test", tags=tags)
    made.close()
    return tmp_path / "lake"


@pytest.fixture
def agreed(tmp_path: Path) -> Path:
    """Write a contract that the table does not keep."""
    path = tmp_path / "obs.odcs.yaml"
    path.write_text(VALID + RULES)
    return path


def test_a_contract_that_init_wrote_is_valid_and_kept(run: Run, lake: Path) -> None:
    made = run("contract", "init", "clinical.observations", "--lake", lake, "--format", "json")
    path = Path(made.json()["contract"])
    assert path.parent == lake / "contracts"
    assert CANARY not in path.read_text()
    assert run("contract", "lint", path).code == 0
    checked = run("contract", "check", path, "--lake", lake, "--all", "--fast", "--format", "json")
    assert checked.code == 0, checked.err
    assert {"passed"} == {rule["status"] for rule in checked.json() if rule["means"] != "not_run"}
    again = run("contract", "init", "clinical.observations", "--lake", lake)
    assert again.code == 2


def test_check_tells_each_failed_rule_and_no_value(
    run: Run, lake: Path, agreed: Path, tmp_path: Path
) -> None:
    junit, sarif = tmp_path / "j.xml", tmp_path / "s.sarif"
    words = ("contract", "check", agreed, "--lake", lake, "--format", "json", "--github")
    checked = run(*words, "--junit", junit, "--sarif", sarif)
    assert checked.code == 1, checked.err
    failed = {rule["rule"]: rule["count"] for rule in checked.json() if rule["status"] == "failed"}
    assert failed == {"mrn.pattern": 1, "rate.minimum": 1, "rate.maximum": 1, "observations.order": 1}
    assert not [rule for rule in checked.json() if rule["status"] == "error"]
    assert "::error file=" in checked.err
    assert len(ET.parse(junit).findall(".//failure")) == 4  # noqa: S314 - our own file
    levels = [each["level"] for each in json.loads(sarif.read_text())["runs"][0]["results"]]
    assert levels.count("error") == 4
    texts = [checked.out, checked.err, junit.read_text(), sarif.read_text()]
    assert not any(CANARY in text or "MRN1" in text for text in texts)


def test_both_judges_print_the_same(run: Run, lake: Path, agreed: Path) -> None:
    slow = run("contract", "check", agreed, "clinical.observations", "--lake", lake, "--all")
    fast = run("contract", "check", agreed, "--lake", lake, "--all", "--fast")
    assert (slow.code, slow.out) == (1, fast.out)


def test_a_check_is_kept_and_noted(run: Run, lake: Path, agreed: Path) -> None:
    run("contract", "check", agreed, "--lake", lake, "--fast")
    [shown] = run("contract", "show", "clinical.observations", "--lake", lake, "--format", "json").json()
    assert (shown["contract"], shown["success"], shown["failed"]) == ("obs", False, 4)
    opened = open_lake(lake)
    [record] = opened.audit.records(kind="contract.check")
    assert record.details["outcome"] == "not kept"
    assert record.details["snapshot"] == shown["snapshot"]
    assert opened.audit.verify().is_intact


def test_an_old_snapshot_is_checked_again(run: Run, lake: Path, agreed: Path, tmp_path: Path) -> None:
    opened = open_lake(lake)
    first = opened.pin(NAME).snapshot_id
    more = pa.table({"mrn": ["MRN9"] * 2, "rate": [1.0] * 2, "home": [{"zip": "2"}] * 2})
    pq.write_table(more, tmp_path / "more.parquet")
    import_table(opened, NAME, tmp_path / "more.parquet", actor="test")
    words = ("contract", "check", agreed, "--lake", lake, "--fast", "--all", "--format", "json")
    counts = {
        at: next(
            rule["count"] for rule in run(*words, "--at", at).json() if rule["rule"] == "observations.rows"
        )
        for at in (str(first), str(opened.pin(NAME).snapshot_id))
    }
    assert list(counts.values()) == [3, 5]


def test_a_rule_that_cannot_run_exits_6(run: Run, lake: Path, agreed: Path) -> None:
    agreed.write_text(VALID + RULES.partition("  - name: rate")[0].replace("'^MRN[0-9]+$'", "'(?=M)'"))
    checked = run("contract", "check", agreed, "--lake", lake, "--fast", "--format", "json")
    assert checked.code == 6
    assert checked.error()["code"] == "contract-not-judged"


def test_lint_points_at_the_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        VALID.replace("kind: DataContract", f"kind: {CANARY}") + "surprise: 1\n"
    )
    linted = run(
        "contract", "lint", tmp_path / "bad.yaml", "--format", "json", "--github", "--sarif", tmp_path / "s"
    )
    assert linted.code == 1
    assert {(fault["line"], fault["where"]) for fault in linted.json()} == {(2, "kind"), (1, "")}
    assert f"{tmp_path}/bad.yaml,line=2,col=1" in linted.err
    assert not any(CANARY in text for text in (linted.out, linted.err, (tmp_path / "s").read_text()))


def test_lint_of_an_unreadable_file_exits_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "twice.yaml").write_text("id: a\nid: b\n")
    assert run("contract", "lint", tmp_path / "twice.yaml").code == 2
    assert run("contract", "lint", tmp_path / "none.yaml").code == 2


def test_diff_exits_4_and_5(run: Run, agreed: Path, tmp_path: Path) -> None:
    for before, after, code in (
        ("maximum: 300", "maximum: 200", 0),
        ("maximum: 300", "maximum: 900", 4),
        ("    tags: [phi.mrn]\n", "", 5),
    ):
        (tmp_path / "new.yaml").write_text((VALID + RULES).replace(before, after))
        graded = run("contract", "diff", agreed, tmp_path / "new.yaml", "--format", "json")
        assert graded.code == code, graded.err
        assert len(graded.json()) == 1


def test_lint_costs_less_than_half_a_second_as_a_process(agreed: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    lakeward = Path(sys.executable).with_name("lakeward")
    done = subprocess.run([lakeward, "contract", "lint", agreed], capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5
