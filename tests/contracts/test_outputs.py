"""JUnit, SARIF, annotations, facets, the store: the same report, each in its own form."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest

from lakeward.catalog.store import create_store
from lakeward.contracts.lint import lint_source
from lakeward.contracts.outputs.facets import assertions
from lakeward.contracts.outputs.github import annotations
from lakeward.contracts.outputs.junit import junit
from lakeward.contracts.outputs.notices import of_lint, of_report
from lakeward.contracts.outputs.sarif import sarif
from lakeward.contracts.report import ContractReport
from lakeward.contracts.results import record_result, stored_results
from lakeward.contracts.source import parse_source

Bench = Any
BODY = """\
schema:
- name: observations
  properties:
  - name: x
    logicalType: string
    required: true
    logicalTypeOptions: {pattern: '(?=a)'}
    quality:
    - {id: few, metric: nullValues, mustBe: 0, severity: warning}
    - {type: text, description: for people}
"""


@pytest.fixture
def report(bench: Bench) -> ContractReport:
    found: ContractReport = bench.check(
        bench.contract(BODY), bench.table({"x": "string"}), pa.table({"x": ["a", None]})
    )
    return found


def test_junit_keeps_failed_and_error_apart(report: ContractReport) -> None:
    suite = ET.fromstring(junit(report)).find("testsuite")  # noqa: S314 - our own text
    assert suite is not None
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["x.required"]
    warned = [case.get("name") for case in suite if case.find("system-out") is not None]
    assert warned == ["x.few"]


def test_sarif_points_at_the_line_of_the_node(report: ContractReport) -> None:
    [run] = sarif(of_report(report))["runs"]
    lines = {
        each["message"]["text"].split()[0]: each["locations"][0]["physicalLocation"]["region"]["startLine"]
        for each in run["results"]
    }
    assert lines == {"x.required": 11, "x.pattern": 12, "x.few": 14, "x.text": 15}
    assert [each["level"] for each in run["results"]] == ["error", "error", "warning", "note"]
    assert all(run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    assert len({each["partialFingerprints"]["lakeward/v1"] for each in run["results"]}) == 4


def test_annotations_escape_what_github_would_obey() -> None:
    fault = parse_source(b"apiVersion: v3.1.0\n", "a,b:c%.yaml")
    [line, *_] = annotations(of_lint(lint_source(fault)))
    assert line.startswith("::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,title=Not valid ODCS v3.1.0::Missing")
    assert "\n" not in line


def test_a_name_that_xml_and_terminals_refuse_is_made_printable(bench: Bench) -> None:
    agreed = bench.column_contract("required: true", name='"a\\x1b[31m\\x00"')
    report = bench.check(agreed, bench.table({"x": "string"}), pa.table({"x": ["a"]}))
    ET.fromstring(junit(report))  # noqa: S314 - our own text
    assert not any("\x1b" in line or "\x00" in line for line in annotations(of_report(report)))


def test_facets_tell_what_was_judged(report: ContractReport) -> None:
    facets = assertions(report)
    told = {each["assertion"]: each["success"] for each in facets["dataQualityAssertions"]["assertions"]}
    assert told == {
        "x.present": True, "x.logicalType": True, "x.required": False, "x.pattern": False, "x.few": False,
    }  # fmt: skip
    assert facets["lakeward_contract"]["success"] is False
    assert facets["lakeward_contract"]["totals"]["not_enforced"] == 1


def test_a_report_is_stored_and_read_back(report: ContractReport, tmp_path: Path) -> None:
    store = create_store(f"sqlite:///{tmp_path}/governance.db")
    record_result(store, report)
    record_result(store, report)
    [newest, _] = stored_results(store, "clinical.observations")
    assert {key: value for key, value in newest.items() if key != "at"} == report.as_json()
    assert stored_results(store, "clinical.other") == []
