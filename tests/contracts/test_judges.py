"""Two judges, one verdict: Great Expectations and our own comparison agree on every bound and every value."""

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeward.contracts import judge as judging
from lakeward.contracts.check import check_contract
from lakeward.contracts.compile import compile_contract
from lakeward.contracts.expectations import expect, validate
from lakeward.contracts.judge import judge
from lakeward.contracts.rules import Bound, Status, bound_of

Bench = Any

NUMBERS = st.one_of(
    st.integers(-3, 3), st.integers(0, 10**12), st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
)
OPERATORS = st.sampled_from(
    [
        "mustBe",
        "mustNotBe",
        "mustBeGreaterThan",
        "mustBeGreaterOrEqualTo",
        "mustBeLessThan",
        "mustBeLessOrEqualTo",
    ]
)
PAIRS = st.tuples(
    st.sampled_from(["mustBeBetween", "mustNotBeBetween"]), st.tuples(NUMBERS, NUMBERS).map(sorted)
)
CASES = st.lists(st.tuples(NUMBERS, st.one_of(st.tuples(OPERATORS, NUMBERS), PAIRS)), min_size=1, max_size=30)


@given(CASES)
@settings(max_examples=25, deadline=None)
def test_great_expectations_agrees_with_our_own_comparison(
    cases: list[tuple[float, tuple[str, object]]],
) -> None:
    bounds = [bound_of({operator: number}) for _, (operator, number) in cases]
    values = {
        str(i): (value, bound)
        for i, ((value, _), bound) in enumerate(zip(cases, bounds, strict=True))
        if bound
    }
    assert len(values) == len(cases)
    assert expect(values) == {name: bound.holds(value) for name, (value, bound) in values.items()}


def test_all_operators_on_their_edges() -> None:
    edges = [
        Bound(low=1, high=1),
        Bound(low=1, open_low=True),
        Bound(high=1),
        Bound(low=0, high=1, outside=True),
    ]
    values = {f"{i}/{value}": (value, bound) for i, bound in enumerate(edges) for value in (0, 0.5, 1, 1.5)}
    verdicts = expect({name: (float(value), bound) for name, (value, bound) in values.items()})
    assert verdicts == {name: bound.holds(value) for name, (value, bound) in values.items()}
    assert set(verdicts.values()) == {True, False}


def test_a_value_that_is_no_number_never_holds() -> None:
    assert not Bound(low=0, high=1, outside=True).holds(math.nan)
    assert not Bound().holds(math.nan)


def test_the_whole_report_is_the_same_under_both_judges(bench: Bench) -> None:
    agreed = bench.column_contract(
        "required: true, unique: true, quality: [{metric: rowCount, mustBeGreaterThan: 1},"
        " {metric: nullValues, unit: percent, mustBeLessThan: 20}]"
    )
    table, engine = bench.table({"x": "string"}), bench.engine(pa.table({"x": ["a", "a", None]}))
    fast = check_contract(agreed, table, engine, now=bench.now, great_expectations=False)
    assert check_contract(agreed, table, engine, now=bench.now) == fast
    assert {rule.status for rule in fast.rules} == {Status.PASSED, Status.FAILED}


def test_a_count_that_is_missing_or_null_is_an_error(bench: Bench) -> None:
    compiled = compile_contract(bench.column_contract("required: true"), bench.table({"x": "string"}))
    [rule] = compiled.counted
    for count in (None, math.nan, math.inf):
        for counts in ({"n": 3, rule.alias: count}, {"n": 3}):
            report = judge(compiled, counts)
            assert [each.status for each in report.rules if each.kind == "required"] == [Status.ERROR]
            assert report.exit_code == 6


def test_judges_that_do_not_agree_are_an_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile_contract(bench.column_contract("required: true"), bench.table({"x": "string"}))
    [rule] = compiled.counted
    monkeypatch.setattr("lakeward.contracts.expectations.expect", lambda values: dict.fromkeys(values, True))
    report = judging.judge(compiled, {"n": 3, rule.alias: 1})
    [result] = [each for each in report.rules if each.kind == "required"]
    assert (result.status, result.count) == (Status.ERROR, None)


def test_great_expectations_gives_booleans_only() -> None:
    result = str(validate({"r_0": 4711.0}, {"r_0": Bound(low=0, high=0)}))
    assert '"success": false' in result
    assert "4711" not in result


def test_a_failed_rule_comes_before_one_that_could_not_run(bench: Bench) -> None:
    agreed = bench.column_contract(
        "required: true, logicalType: string, logicalTypeOptions: {pattern: '(?=a)'},"
        " quality: [{metric: nullValues, mustBe: 0}]"
    )
    table = bench.table({"x": "string"})
    failed = bench.check(agreed, table, pa.table({"x": ["a", None]}))
    assert failed.totals == {"passed": 2, "failed": 2, "error": 1, "not_enforced": 0}
    assert failed.exit_code == 1
    assert bench.check(agreed, table, pa.table({"x": ["a"]})).exit_code == 6
