"""The law of this room: for every clause, SQL over dirty rows counts what plain Python counts."""

import math
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeward.contracts.check import count_rules
from lakeward.contracts.compile import CompiledContract, compile_contract

Bench = Any
Value = Any

TEXTS = st.one_of(
    st.none(), st.sampled_from(["", " ", "a", "b", "A", "ab", "é", "1", "-1", "NULL", "a\n", "'", "\x00"])
)
FLOATS = st.one_of(
    st.none(), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 0.1, 0.3, 1.0, 5e-324, 1e308, -2.5])
)
INTEGERS = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from([2**63 - 1, -(2**63)]))
ROWS = st.lists(st.tuples(TEXTS, FLOATS, INTEGERS), max_size=12)

BODY = """\
schema:
- name: observations
  properties:
  - name: s
    logicalType: string
    required: true
    unique: true
    logicalTypeOptions: {minLength: 1, maxLength: 1, pattern: '^[a-z]$'}
    quality:
    - {id: s_valid, metric: invalidValues, arguments: {validValues: [a, '1', "'"]}, mustBe: 0}
    - {id: s_missing, metric: missingValues, arguments: {missingValues: ['', null, 'NULL']}, mustBe: 0}
    - {id: s_number, type: sql, mustBe: 0, query: "SELECT count(*) FROM t WHERE CAST(s AS INTEGER) < 0"}
  - name: f
    logicalType: number
    required: true
    unique: true
    logicalTypeOptions: {minimum: -1, exclusiveMaximum: 1, multipleOf: 0.1}
    quality:
    - {id: f_valid, metric: invalidValues, arguments: {validValues: [0.1, 0]}, mustBe: 0}
    - {id: f_nulls, metric: nullValues, mustBe: 0}
  - name: i
    logicalType: integer
    required: true
    logicalTypeOptions: {exclusiveMinimum: -2, maximum: 2.5, multipleOf: 2, format: i32}
    quality:
    - {id: i_doubles, metric: duplicateValues, mustBe: 0}
  quality:
  - {id: rows, metric: rowCount, mustBe: 0}
  - {id: pairs, metric: duplicateValues, arguments: {properties: [s, i]}, mustBe: 0}
"""


def bad(good: Callable[[Value], bool]) -> Callable[[list[Value]], int]:
    return lambda column: sum(value is not None and not good(value) for value in column)


def nulls(column: list[Value]) -> int:
    return sum(value is None for value in column)


def repeats(column: list[Value]) -> int:
    """Count rows that repeat an earlier one; as in the engine, NaN is one value, and so are both zeros."""
    held = ["nan" if value != value else value for value in column if value is not None]  # noqa: PLR0124 - NaN
    return len(held) - len(set(held))


def is_multiple(value: float, step: float) -> bool:
    ratio = value / step
    return math.isfinite(ratio) and abs(ratio - round(ratio)) <= 1e-9


EXPECTED: dict[str, tuple[str, Callable[[list[Value]], int]]] = {
    "s.required": ("s", nulls),
    "s.unique": ("s", repeats),
    "s.minLength": ("s", bad(lambda v: len(v) >= 1)),
    "s.maxLength": ("s", bad(lambda v: len(v) <= 1)),
    "s.pattern": ("s", bad(lambda v: re.search(r"\A[a-z]\Z", v) is not None)),
    "s.s_valid": ("s", bad(lambda v: v in {"a", "1", "'"})),
    "s.s_missing": ("s", lambda column: sum(v in {"", None, "NULL"} for v in column)),
    "s.s_number": ("s", lambda column: sum(v == "-1" for v in column)),
    "f.required": ("f", nulls),
    "f.unique": ("f", repeats),
    "f.minimum": ("f", bad(lambda v: v >= -1)),
    "f.exclusiveMaximum": ("f", bad(lambda v: v < 1)),
    "f.multipleOf": ("f", bad(lambda v: is_multiple(v, 0.1))),
    "f.f_valid": ("f", bad(lambda v: v in {0.1, 0})),
    "f.f_nulls": ("f", nulls),
    "i.required": ("i", nulls),
    "i.exclusiveMinimum": ("i", bad(lambda v: v > -2)),
    "i.maximum": ("i", bad(lambda v: v <= 2.5)),
    "i.multipleOf": ("i", bad(lambda v: v % 2 == 0)),
    "i.format": ("i", bad(lambda v: -(2**31) <= v < 2**31)),
    "i.i_doubles": ("i", repeats),
    "observations.rows": ("s", len),
    "observations.pairs": ("pairs", repeats),
}


@pytest.fixture(scope="module")
def compiled(bench: Bench) -> CompiledContract:
    """Compile the contract once: it does not depend on the rows."""
    table = bench.table({"s": "string", "f": "double", "i": "long"})
    return compile_contract(bench.contract(BODY), table, bench.now)


@given(ROWS)
@settings(max_examples=150, deadline=None)
def test_sql_counts_what_python_counts(
    bench: Bench, compiled: CompiledContract, rows: list[tuple[Value, Value, Value]]
) -> None:
    columns = {name: [row[index] for row in rows] for index, name in enumerate("sfi")}
    columns["pairs"] = [(row[0], row[2]) if None not in {row[0], row[2]} else None for row in rows]
    types = {"s": pa.string(), "f": pa.float64(), "i": pa.int64()}
    data = pa.table({name: pa.array(columns[name], type_) for name, type_ in types.items()})
    counts = count_rules(compiled, bench.engine(data))
    found = {rule.id: counts[rule.alias] for rule in compiled.counted}
    assert found == {name: count(columns[column]) for name, (column, count) in EXPECTED.items()}
