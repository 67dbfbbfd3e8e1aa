"""JUnit XML: one test case to a rule; what failed and what could not run are kept apart."""

from xml.etree import ElementTree as ET

from lakeward.contracts.outputs.notices import printable, sentence
from lakeward.contracts.report import ContractReport, RuleResult
from lakeward.contracts.rules import Severity, Status

_ELEMENTS = {Status.FAILED: "failure", Status.ERROR: "error", Status.NOT_ENFORCED: "skipped"}


def junit(report: ContractReport) -> str:
    """Give a report as one test suite. A rule of severity `warning` that failed passes, and says so."""
    cases = [_case(report, each) for each in report.rules]
    counts = {name: sum(case.find(name) is not None for case in cases) for name in _ELEMENTS.values()}
    suite = ET.Element(
        "testsuite", name=printable(f"{report.contract_id} {report.contract_version} on {report.table}"),
        tests=str(len(cases)), failures=str(counts["failure"]), errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
    )  # fmt: skip
    suite.extend(cases)
    root = ET.Element("testsuites")
    root.append(suite)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(report: ContractReport, result: RuleResult) -> ET.Element:
    names = {
        "classname": report.contract_id,
        "name": result.id,
        "file": report.path,
        "line": str(result.line),
    }
    case = ET.Element("testcase", {key: printable(value) for key, value in names.items()})
    text = printable(sentence(result))
    if result.severity is Severity.WARNING and result.status in {Status.FAILED, Status.ERROR}:
        ET.SubElement(case, "system-out").text = f"Warning: {text}"
    elif result.status in _ELEMENTS:
        ET.SubElement(case, _ELEMENTS[result.status], message=text, type=printable(result.kind))
    return case
