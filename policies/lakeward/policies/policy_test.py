"""Tests of policy documents, written beside them and run like tests of code.

```yaml
version: 1
cases:
  - name: a researcher counts patients but reads no names
    as: ada
    purpose: research
    query: "SELECT * FROM precision_med.patient"
    expect: {rows: 12, hides: [last_name], shows: [patient_id]}
  - name: nobody reads staff keys
    as: ada
    purpose: research
    query: "SELECT * FROM staff.keys"
    expect: {denied: true}
```

What a case expects holds together: `denied`, the number of `rows`, columns that the answer `shows` and
`hides`, and `answer`, the rows themselves in any order, each value as text.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from xml.etree import ElementTree as ET

from pydantic import Field, ValidationError, model_validator

from lakeward.policies.documents import Document
from lakeward.policies.marks import refusal_of
from lakeward.policies.model_faults import faults_of
from lakeward.policies.read import read_yaml

_HINT = "docs/how-to/test-policies.md says how cases are written; run them with `lakeward policy test FILES`."
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Expectation(Document):
    """What a case expects of the answer."""

    denied: bool | None = Field(default=None, description="Whether the query is refused.")
    rows: int | None = Field(default=None, ge=0, description="How many rows come.")
    shows: tuple[str, ...] = Field(default=(), description="Columns that the answer has.")
    hides: tuple[str, ...] = Field(default=(), description="Columns that the answer does not have.")
    answer: tuple[tuple[str | None, ...], ...] | None = Field(default=None, description="The rows, as text.")

    @model_validator(mode="after")
    def _expects_something(self) -> "Expectation":
        if not self.model_fields_set:
            raise ValueError("expects nothing, so it could not fail")
        if self.denied and len(self.model_fields_set) > 1:
            raise ValueError("a denied query has no answer to expect anything of")
        return self


class Case(Document):
    """One question, and what is expected of the answer."""

    name: str = Field(min_length=1, description="What the case says, in words.")
    as_: str = Field(alias="as", min_length=1, description="The principal who asks.")
    purpose: str = Field(description="For what.")
    query: str = Field(min_length=1, description="The statement.")
    expect: Expectation = Field(description="What must come of it.")


class CaseDocument(Document):
    """A file of cases."""

    version: Literal[1] = Field(description="The form of this document.")
    cases: tuple[Case, ...] = Field(min_length=1, description="The cases.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a query: refused, or columns and rows, each value as text or None.

    `mistake` says why it would be refused to everybody, where that is so: it proves nothing of the policies.
    """

    denied: bool = False
    mistake: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()


class QueryRunner(Protocol):
    """Runs statements the way they run for everybody; the gateway is one."""

    def run(self, principal: str, purpose: str, query: str) -> Outcome:
        """Run one statement; a refusal is an outcome, any other error is raised."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseResult:
    """How one case went; `failures` is empty when it passed."""

    file: Path
    case: Case
    failures: tuple[str, ...]


def load_cases(file: Path) -> tuple[Case, ...]:
    """Read one file of cases.

    Raises:
        PolicyError: With every fault, its line and column.
    """
    plain, marks = read_yaml(file, _HINT)
    try:
        return CaseDocument.model_validate(plain).cases
    except ValidationError as error:
        raise refusal_of(list(faults_of(error, marks)), _HINT) from None


def run_cases(files: Sequence[Path], runner: QueryRunner) -> tuple[CaseResult, ...]:
    """Run every case of some files, in order; every file is read before the first case runs.

    Raises:
        PolicyError: A file is not valid.
    """
    loaded = [(file, case) for file in files for case in load_cases(file)]
    return tuple(
        CaseResult(
            file=file, case=case, failures=tuple(judge(case, runner.run(case.as_, case.purpose, case.query)))
        )
        for file, case in loaded
    )


def judge(case: Case, outcome: Outcome) -> list[str]:
    """Say what of an outcome is not as expected, without a value of it."""
    expected = case.expect
    if outcome.denied:
        if outcome.mistake:
            return [f"was denied to everybody: {outcome.mistake}"]
        return [] if expected.denied else ["was denied"]
    columns = {each.casefold() for each in outcome.columns}
    failures = ["was not denied"] if expected.denied else []
    if expected.rows is not None and expected.rows != len(outcome.rows):
        failures.append(f"gave {len(outcome.rows)} rows, not {expected.rows}")
    failures += [f"does not show {each}" for each in expected.shows if each.casefold() not in columns]
    failures += [f"shows {each}" for each in expected.hides if each.casefold() in columns]
    if expected.answer is not None and Counter(expected.answer) != Counter(outcome.rows):
        failures.append("gave other rows")
    return failures


def junit(results: Sequence[CaseResult]) -> str:
    """Write results as JUnit XML, one suite to a file; a character that XML cannot hold becomes `?`."""
    root = ET.Element("testsuites")
    for file in dict.fromkeys(each.file for each in results):
        ours = [each for each in results if each.file == file]
        failed = sum(1 for each in ours if each.failures)
        suite = ET.SubElement(
            root, "testsuite", name=_in_xml(file.name), tests=str(len(ours)), failures=str(failed)
        )
        for each in ours:
            case = ET.SubElement(
                suite, "testcase", classname=_in_xml(file.stem), name=_in_xml(each.case.name)
            )
            if each.failures:
                ET.SubElement(case, "failure", message=_in_xml("; ".join(each.failures)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _in_xml(text: str) -> str:
    return _NOT_IN_XML.sub("?", text)
