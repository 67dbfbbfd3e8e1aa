"""A diff is graded for those who read the data and for those whom it is about."""

import json
from pathlib import Path
from typing import Any

import pytest

from lakeward.catalog.errors import ExitCode
from lakeward.contracts.diff import Data, Privacy, diff_contracts
from lakeward.contracts.diff.changes import privacy_word
from lakeward.contracts.document import Contract, contract_of, load_contract
from lakeward.contracts.lint import LintReport
from lakeward.contracts.source import parse_source, read_source

Bench = Any
SHARED = Path(__file__).parents[3] / "shared" / "data" / "contracts"
EXPECTED = json.loads((SHARED / "breaking_expected.json").read_text()) if SHARED.exists() else {}
shared = pytest.mark.skipif(not EXPECTED, reason="needs the clinical contract files")

BASE = """\
tags: [phi]
schema:
- name: observations
  properties:
  - name: mrn
    logicalType: string
    physicalType: string
    required: true
    unique: true
    classification: restricted
    tags: [phi.mrn, link]
    logicalTypeOptions: {minLength: 3, maxLength: 9, pattern: '^M'}
    customProperties: [{property: icebergFieldId, value: 1}, {property: mask, value: pseudonym}]
    quality:
    - {id: few, metric: nullValues, mustBeLessThan: 5, severity: error}
    - {id: set, metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0}
roles: [{role: researcher, access: read, firstLevelApprovers: dpo}]
slaProperties: [{property: retention, value: 7, unit: y}, {property: latency, value: 24, unit: h}]
customProperties: [{property: kAnonymity, value: 11}, {property: allowedPurposes, value: [treatment]}]
"""


@shared
@pytest.mark.parametrize("name", sorted(EXPECTED.get("clinical", {})))
def test_clinical_mutations_have_their_grades(name: str) -> None:
    case = EXPECTED["clinical"][name]
    found = diff_contracts(load_contract(SHARED / case["before"]), load_contract(SHARED / case["after"]))
    assert (found.data.name.lower(), privacy_word(found.privacy)) == (case["data"], case["privacy"])


@shared
@pytest.mark.parametrize("name", sorted(EXPECTED.get("fixtures", {})))
def test_public_pairs_are_graded_at_least_as_severely(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = EXPECTED["fixtures"][name]
    valid = LintReport(path="", declared=None, judged_by="v3.1.0", findings=())
    monkeypatch.setattr(
        "lakeward.contracts.document.lint_source", lambda _: valid
    )  # two declare too old a version
    old, new = (contract_of(read_source(SHARED / case[side])) for side in ("before", "after"))
    found = diff_contracts(old, new)
    assert found.data >= (Data.BREAKING if case["consumer"]["is_breaking"] else Data.NONE)
    removed = {e["path"].split(".")[-1] for e in case["consumer"]["summary"] if e["level"] == "error"}
    assert removed <= {c.what.partition(".")[0] for c in found.changes if c.data is Data.BREAKING}


def changed(bench: Bench, before: str, after: str) -> tuple[Contract, Contract]:
    assert before in BASE
    return bench.contract(BASE), bench.contract(BASE.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "data", "privacy"),
    [
        ("mask, value: pseudonym", "mask, value: clear", Data.NONE, Privacy.BREAKING),
        ("mask, value: pseudonym", "mask, value: hidden", Data.NONE, Privacy.TIGHTENING),
        ("[phi.mrn, link]", "[phi.mrn]", Data.NONE, Privacy.BREAKING),
        ("[phi.mrn, link]", "[phi.mrn, link, health]", Data.NONE, Privacy.TIGHTENING),
        ("[phi.mrn, link]", "[phi.mrn, link, sensitivity.none]", Data.NONE, Privacy.BREAKING),
        ("classification: restricted", "classification: internal", Data.NONE, Privacy.BREAKING),
        ("classification: restricted", "classification: whatever", Data.NONE, Privacy.BREAKING),
        ("kAnonymity, value: 11", "kAnonymity, value: 20", Data.NONE, Privacy.TIGHTENING),
        ("value: [treatment]", "value: [treatment, research]", Data.NONE, Privacy.BREAKING),
        (", firstLevelApprovers: dpo", "", Data.NONE, Privacy.BREAKING),
        ("access: read", "access: write", Data.NONE, Privacy.BREAKING),
        ("role: researcher", "role: vendor", Data.NONE, Privacy.BREAKING),
        ("value: 7, unit: y", "value: 84, unit: m", Data.NONE, Privacy.NONE),
        ("value: 7, unit: y", "value: 2600, unit: d", Data.NONE, Privacy.BREAKING),
        ("value: 7, unit: y", "value: ever", Data.NONE, Privacy.BREAKING),
        ("value: 24, unit: h", "value: 2, unit: d", Data.BREAKING, Privacy.NONE),
        ("value: 24, unit: h", "value: 1, unit: d", Data.NONE, Privacy.NONE),
        ("value: 24, unit: h", "value: 60, unit: min", Data.COMPATIBLE, Privacy.NONE),
        ("unique: true", "unique: false", Data.BREAKING, Privacy.NONE),
        ("minLength: 3", "minLength: 4", Data.COMPATIBLE, Privacy.NONE),
        ("minLength: 3", "minLength: 2", Data.BREAKING, Privacy.NONE),
        ("maxLength: 9, ", "", Data.BREAKING, Privacy.NONE),
        ("'^M'", "'^MRN'", Data.BREAKING, Privacy.NONE),
        ("mustBeLessThan: 5", "mustBeLessThan: 4", Data.COMPATIBLE, Privacy.NONE),
        ("mustBeLessThan: 5", "mustBeLessOrEqualTo: 5", Data.BREAKING, Privacy.NONE),
        (
            "mustBeLessThan: 5, severity: error",
            "mustBeLessThan: 5, severity: info",
            Data.BREAKING,
            Privacy.NONE,
        ),
        ("[a, b]", "[a]", Data.COMPATIBLE, Privacy.NONE),
        ("[a, b]", "[a, c]", Data.BREAKING, Privacy.NONE),
        ("physicalType: string", "physicalType: int", Data.BREAKING, Privacy.NONE),
        ("icebergFieldId, value: 1", "icebergFieldId, value: 2", Data.BREAKING, Privacy.NONE),
        ("name: mrn", "name: record", Data.BREAKING, Privacy.NONE),
        ("name: observations", "name: visits", Data.BREAKING, Privacy.NONE),
    ],
)
def test_one_change_has_its_two_grades(
    bench: Bench, before: str, after: str, data: Data, privacy: Privacy
) -> None:
    found = diff_contracts(*changed(bench, before, after))
    assert (found.data, found.privacy) == (data, privacy)


def test_less_privacy_wins_over_a_broken_reader(bench: Bench) -> None:
    found = diff_contracts(
        *changed(bench, "  - name: mrn\n", "  - name: note\n    logicalType: string\n  - name: mrn\n")
    )
    assert (found.data, found.privacy) == (Data.COMPATIBLE, Privacy.BREAKING)
    assert found.exit_code is ExitCode.PRIVACY_BREAKING
    assert found.approvers == ("dpo",)
    assert [change.line for change in found.changes if change.privacy] == [10]


def test_every_change_backwards_is_graded_too(bench: Bench) -> None:
    old, new = changed(bench, "    tags: [phi.mrn, link]\n", "")
    assert diff_contracts(old, new).privacy is Privacy.BREAKING
    assert diff_contracts(new, old).privacy is Privacy.TIGHTENING
    assert diff_contracts(old, old).changes == ()


def test_no_literal_of_a_contract_is_in_a_diff(bench: Bench) -> None:
    found = diff_contracts(*changed(bench, "[a, b]", "[SECRET-4711]"))
    assert "4711" not in json.dumps(found.as_json()) + repr(found)
    parse_source(json.dumps(found.as_json()).encode(), "json is yaml")
