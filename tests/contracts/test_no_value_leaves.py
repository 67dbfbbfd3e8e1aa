"""Planted secrets in the rows, the contract's literals and an engine's error: none is in what we give."""

import json
import logging
import traceback
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lakeward.catalog.store import create_store
from lakeward.contracts.check import check_contract, count_rules
from lakeward.contracts.compile import compile_contract
from lakeward.contracts.errors import MetricsUnavailableError
from lakeward.contracts.expectations import validate
from lakeward.contracts.lint import lint_source
from lakeward.contracts.outputs.facets import assertions
from lakeward.contracts.outputs.github import annotations
from lakeward.contracts.outputs.junit import junit
from lakeward.contracts.outputs.notices import of_lint, of_report
from lakeward.contracts.outputs.sarif import sarif
from lakeward.contracts.results import record_result, stored_results
from lakeward.contracts.rules import Status
from lakeward.contracts.skeleton import contract_skeleton
from lakeward.contracts.source import parse_source

Bench = Any
CELL, LITERAL = "CANARY-CELL", "CANARY-LITERAL"
NUMBER, BOUND = 918273645, 564738291
SECRETS = (CELL, LITERAL, str(NUMBER), str(BOUND), "1931-03-07", "1932-04-08")

BODY = f"""\
schema:
- name: observations
  properties:
  - name: name
    logicalType: string
    physicalType: CANARY-LITERAL
    required: true
    unique: true
    logicalTypeOptions: {{pattern: '^{LITERAL}$', minLength: 40}}
    examples: [{LITERAL}]
    quality:
    - {{metric: invalidValues, arguments: {{validValues: [{LITERAL}]}}, mustBe: 0}}
    - {{metric: missingValues, arguments: {{missingValues: [{LITERAL}, null]}}, mustBe: 0}}
    - {{id: cast, type: sql, mustBe: 1, query: 'SELECT count(*) FROM t WHERE CAST(name AS INT) > {BOUND}'}}
    - {{id: refused, type: sql, query: 'SELECT max(name) || ''{LITERAL}'' FROM other', mustBe: 0}}
    - {{id: top, type: sql, query: 'SELECT max(amount) FROM {{object}}', mustBe: 7}}
    - {{id: words, type: sql, query: 'SELECT count(*) FROM {{object}}', mustBe: '{LITERAL}'}}
    - {{type: text, description: '{LITERAL}'}}
    - {{type: custom, engine: soda, implementation: '{LITERAL}'}}
  - name: amount
    logicalType: integer
    logicalTypeOptions: {{maximum: {BOUND}, multipleOf: 7}}
  - name: born
    logicalType: date
    logicalTypeOptions: {{minimum: '1932-04-08'}}
  - name: broken
    logicalType: string
    logicalTypeOptions: {{pattern: '(?={LITERAL})'}}
customProperties:
- {{property: note, value: {LITERAL}}}
"""
COLUMNS = {"name": "string", "amount": "long", "born": "date", "broken": "string"}


@pytest.fixture
def rows() -> pa.Table:
    born = pa.array(["1931-03-07"] * 3).cast(pa.date32())
    names = [CELL, CELL, None]
    return pa.table({"name": names, "amount": [NUMBER] * 3, "born": born, "broken": names})


def test_no_secret_is_in_any_output(
    bench: Bench,
    rows: pa.Table,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    agreed, table = bench.contract(BODY), bench.table(COLUMNS, {"name": "phi.name"})
    report = check_contract(agreed, table, bench.engine(rows), now=bench.now)
    store = create_store(f"sqlite:///{tmp_path}/governance.db")
    record_result(store, report)
    compiled = compile_contract(agreed, table, bench.now)
    counts = count_rules(compiled, bench.engine(rows))
    numbers = {rule.alias: float(counts.get(rule.alias) or 0) for rule in compiled.counted}
    bounds = {rule.alias: rule.bound for rule in compiled.counted}
    talk = capfd.readouterr()
    outputs = {
        "report": repr(report),
        "json": json.dumps(report.as_json()),
        "junit": junit(report),
        "sarif": json.dumps(sarif(of_report(report))),
        "annotations": "\n".join(annotations(of_report(report))),
        "facets": json.dumps(assertions(report)),
        "stored": json.dumps(stored_results(store)),
        "file": "".join(each.read_bytes().decode("latin-1") for each in tmp_path.iterdir()),
        "expectations": str(validate(numbers, bounds)),
        "skeleton": contract_skeleton(table),
        "log": caplog.text,
        "stdout": talk.out,
        "stderr": talk.err,
    }
    assert [(name, secret) for name, text in outputs.items() for secret in SECRETS if secret in text] == []
    statuses = {rule.id: rule.status for rule in report.rules}
    assert statuses["name.pattern"] is Status.FAILED  # the rules did run over the secrets
    assert statuses["name.invalidValues"] is Status.FAILED
    assert statuses["name.top"] is Status.FAILED
    assert statuses["amount.maximum"] is Status.FAILED
    assert statuses["born.minimum"] is Status.FAILED
    assert statuses["broken.pattern"] is Status.ERROR
    assert statuses["name.refused"] is Status.ERROR


class QuotingEngine:
    """Fails as engines do: with the cell in the message."""

    def aggregate(self, table: object, query: object) -> dict[str, float]:
        raise ValueError(f"Could not convert string '{CELL}' to INT32, near '{LITERAL}' ({table}, {query})")


def test_an_engine_s_error_text_goes_nowhere(bench: Bench) -> None:
    with pytest.raises(MetricsUnavailableError) as caught:
        check_contract(bench.contract(BODY), bench.table(COLUMNS), QuotingEngine(), great_expectations=False)
    text = "".join(traceback.format_exception(caught.value))
    assert [secret for secret in SECRETS if secret in text] == []
    assert caught.value.exit_code == 6


def test_a_lint_quotes_no_value() -> None:
    head = f"apiVersion: v3.1.0\nkind: {LITERAL}\nid: 3\nversion: [{LITERAL}]\n"
    text = f"{head}schema:\n- name: a\n  logicalType: {LITERAL}\n"
    report = lint_source(parse_source(text.encode(), "c.yaml"))
    assert len(report.findings) >= 3
    outputs = [repr(report), json.dumps(sarif(of_lint(report))), "\n".join(annotations(of_lint(report)))]
    assert not any(LITERAL in each for each in outputs)


def test_a_count_below_k_is_withheld_everywhere(bench: Bench, rows: pa.Table) -> None:
    agreed = bench.contract(BODY + "- {property: kAnonymity, value: 11}\n")
    report = check_contract(agreed, bench.table(COLUMNS), bench.engine(rows), great_expectations=False)
    failed = [rule for rule in report.rules if rule.id == "amount.maximum"]
    assert [(rule.status, rule.count, rule.withheld) for rule in failed] == [(Status.FAILED, None, True)]
    assert "counted 3" not in junit(report)
    assert "withheld" in junit(report)


@pytest.mark.parametrize(
    "agreed",
    [
        *(
            f"{BODY}- {{property: kAnonymity, value: {value}}}\n"
            for value in ("'11'", "11.5", "1", "true", "many")
        ),
        BODY.replace(
            "  properties:", "  customProperties: [{property: kAnonymity, value: 11}]\n  properties:", 1
        ),
    ],
)
def test_a_least_count_that_withholds_nothing_is_an_error(bench: Bench, rows: pa.Table, agreed: str) -> None:
    found = bench.contract(agreed)
    report = check_contract(found, bench.table(COLUMNS), bench.engine(rows), great_expectations=False)
    assert [rule.status for rule in report.rules if rule.kind == "kAnonymity"] == [Status.ERROR]
