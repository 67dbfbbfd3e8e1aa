"""Whatever a file says: a report, or one of our errors; and never an exception that could quote it."""

import copy
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from lakeward.catalog.errors import InputError, UnavailableError
from lakeward.contracts.diff import diff_contracts
from lakeward.contracts.document import contract_of
from lakeward.contracts.lint import lint_source
from lakeward.contracts.outputs.junit import junit
from lakeward.contracts.rules import Status
from lakeward.contracts.source import parse_source

Bench = Any
BASE = """\
apiVersion: v3.1.0
kind: DataContract
id: observations
version: 1.0.0
status: active
tags: [phi]
schema:
- name: observations
  properties:
  - name: s
    logicalType: string
    required: true
    primaryKey: true
    classification: restricted
    tags: [phi.mrn]
    logicalTypeOptions: {minLength: 1, pattern: '^[a-z]$'}
    customProperties: [{property: icebergFieldId, value: 1}, {property: mask, value: clear}]
    quality:
    - {id: a, metric: invalidValues, arguments: {validValues: [a]}, mustBe: 0, unit: percent, severity: info}
    - {id: b, type: sql, mustBe: 0, query: 'SELECT count(*) FROM {object} WHERE s < 1'}
  - {name: f, logicalType: number, logicalTypeOptions: {minimum: -1, multipleOf: 0.1}}
  - {name: d, logicalType: date, logicalTypeOptions: {maximum: '2020-01-01'}}
  quality: [{id: c, metric: duplicateValues, arguments: {properties: [s, f]}, mustBeBetween: [0, 1]}]
roles: [{role: a, firstLevelApprovers: b}]
slaProperties: [{property: retention, value: 7, unit: y, element: observations.d}]
customProperties: [{property: kAnonymity, value: 3}, {property: allowedPurposes, value: [x]}]
"""
SOURCE = parse_source(BASE.encode(), "base.yaml")
DOCUMENT = SOURCE.value
AGREED = contract_of(SOURCE)
STRANGE: list[Any] = [
    None, True, 0, -1, 3.5, 10**99, float("nan"), float("inf"), "", "a", "2020-01-01", "{object}", "SELECT 1",
    "^(",
    "percent", "s", "'", "9" * 60, [], {}, [None], [5, 1], [[]], {"a": 1}, [{}], "integer", "array",
]  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any YAML
    if path:
        yield path
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield from paths(value[key], (*path, key))


@given(
    st.lists(
        st.tuples(st.sampled_from(list(paths(DOCUMENT))), st.sampled_from(STRANGE)), min_size=1, max_size=3
    )
)
@settings(max_examples=150, deadline=None)
def test_a_strange_contract_gives_a_report_or_one_of_our_errors(
    bench: Bench, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    document = copy.deepcopy(DOCUMENT)
    for path, value in changes:
        holder = document
        try:
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = copy.deepcopy(value)
        except (LookupError, TypeError):
            continue  # an earlier change took its place away
    text = YAML(typ="safe", pure=True)
    stream = bench.buffer()
    text.dump(document, stream)
    rows = pa.table({"s": ["a", None], "f": [1.0, None], "d": pa.array([None, None], pa.date32())})
    table = bench.table({"s": "string", "f": "double", "d": "date"})
    try:
        contract = contract_of(parse_source(stream.getvalue(), "strange.yaml"))
        junit(bench.check(contract, table, rows))
        assert diff_contracts(AGREED, contract).as_json()
        assert diff_contracts(contract, AGREED).as_json()
    except (InputError, UnavailableError):
        return  # ours, and it says what to mend


@given(st.binary(max_size=200))
def test_strange_bytes_are_linted_or_refused(content: bytes) -> None:
    try:
        source = parse_source(content, "strange.yaml")
    except InputError:
        return
    assert not lint_source(source).valid


def test_a_key_that_names_no_column_is_an_error_and_no_smaller_key(bench: Bench) -> None:
    agreed = bench.contract(
        "schema:\n- name: observations\n  properties: [{name: s}]\n"
        "  quality: [{metric: duplicateValues, arguments: {properties: [s, ghost]}, mustBe: 0}]\n"
    )
    report = bench.check(agreed, bench.table({"s": "string"}), pa.table({"s": ["a", "b"]}))
    assert [rule.status for rule in report.rules if rule.kind == "duplicateValues"] == [Status.ERROR]
