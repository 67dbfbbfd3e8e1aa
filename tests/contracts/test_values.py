"""Each clause about values, counted by DuckDB over rows that break it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from lakeward.contracts.check import check_contract
from lakeward.contracts.rules import Means, Status

Bench = Any
NAN = float("nan")


@pytest.mark.parametrize(
    ("clauses", "column", "kind", "bad"),
    [
        ("required: true", ("string", ["a", "", None], pa.string()), "required", 1),
        ("required: true", ("double", [1.0, NAN, None], pa.float64()), "required", 1),
        ("unique: true", ("string", ["a", "a", "a", None, None], pa.string()), "unique", 2),
        ("unique: true", ("double", [NAN, NAN, 0.0, -0.0], pa.float64()), "unique", 2),
        ("primaryKey: true", ("long", [1, 1, None], pa.int64()), "primaryKey", 1),
        (
            "logicalType: integer, logicalTypeOptions: {minimum: 0}",
            ("int", [-1, 0, 1, None], pa.int32()),
            "minimum",
            1,
        ),
        (
            "logicalType: integer, logicalTypeOptions: {minimum: 0.5}",
            ("long", [0, 1], pa.int64()),
            "minimum",
            1,
        ),
        (
            "logicalType: number, logicalTypeOptions: {minimum: 0}",
            ("double", [NAN, -0.1, 0.0], pa.float64()),
            "minimum",
            2,
        ),
        (
            "logicalType: number, logicalTypeOptions: {maximum: 1}",
            ("double", [NAN, float("inf"), 1.0], pa.float64()),
            "maximum",
            2,
        ),
        (
            "logicalType: number, logicalTypeOptions: {maximum: 0.1}",
            ("float", [0.1, 0.0], pa.float32()),
            "maximum",
            1,
        ),
        (
            "logicalType: number, logicalTypeOptions: {exclusiveMaximum: 0.10}",
            ("decimal(10, 2)", [Decimal("0.10"), Decimal("0.09")], pa.decimal128(10, 2)),
            "exclusiveMaximum",
            1,
        ),
        (
            "logicalType: number, logicalTypeOptions: {exclusiveMinimum: -1}",
            ("decimal(38, 2)", [Decimal("-1.00"), Decimal("9" * 36)], pa.decimal128(38, 2)),
            "exclusiveMinimum",
            1,
        ),
        (
            "logicalType: integer, logicalTypeOptions: {multipleOf: 5}",
            ("long", [0, 5, -10, 7], pa.int64()),
            "multipleOf",
            1,
        ),
        (
            "logicalType: number, logicalTypeOptions: {multipleOf: 0.1}",
            ("double", [0.3, 0.35, NAN], pa.float64()),
            "multipleOf",
            2,
        ),
        (
            "logicalType: integer, logicalTypeOptions: {format: u8}",
            ("int", [0, 255, 256, -1], pa.int32()),
            "format",
            2,
        ),
        (
            "logicalType: string, logicalTypeOptions: {minLength: 2}",
            ("string", ["é", "éa", "", None], pa.string()),
            "minLength",
            2,
        ),
        (
            "logicalType: string, logicalTypeOptions: {maxLength: 2}",
            ("string", ["abc", "ab", None], pa.string()),
            "maxLength",
            1,
        ),
        (
            "logicalType: string, logicalTypeOptions: {pattern: '^a$'}",
            ("string", ["a", "a\n", "b", None], pa.string()),
            "pattern",
            2,
        ),
        (
            "logicalType: string, logicalTypeOptions: {pattern: b}",
            ("string", ["abc", "", None], pa.string()),
            "pattern",
            1,
        ),
        (
            "logicalType: string, logicalTypeOptions: {format: ipv4}",
            ("string", ["10.0.0.1", "10.0.0.256"], pa.string()),
            "format",
            1,
        ),
        (
            "logicalType: date, logicalTypeOptions: {minimum: '2020-01-01'}",
            ("date", [date(2019, 12, 31), date(2020, 1, 1), None], pa.date32()),
            "minimum",
            1,
        ),
        (
            "logicalType: timestamp, logicalTypeOptions: {maximum: '2020-01-01T00:00:00Z'}",
            (
                "timestamptz",
                [datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, 0, 0, 1, tzinfo=UTC)],
                pa.timestamp("us", "UTC"),
            ),
            "maximum",
            1,
        ),
        (
            "logicalType: integer, logicalTypeOptions: {minimum: 0}",
            ("string", ["1", "-1", "x", "", None], pa.string()),
            "minimum",
            3,
        ),
        (
            "logicalType: array, logicalTypeOptions: {minItems: 1}",
            ("LIST", [[], ["a"], None], pa.list_(pa.string())),
            "minItems",
            1,
        ),
    ],
)
def test_bad_values_are_counted(
    bench: Bench, clauses: str, column: tuple[str, list[object], pa.DataType], kind: str, bad: int
) -> None:
    type_, values, arrow = column
    spelled = {"type": "list", "element-id": 9, "element": "string"} if type_ == "LIST" else type_
    result = bench.one(bench.column_contract(clauses), spelled, pa.array(values, arrow), kind)
    assert (result.count, result.status) == (bad, Status.FAILED)
    assert result.means is Means.EXECUTED


@pytest.mark.parametrize(
    ("quality", "type_", "values", "arrow", "count"),
    [
        ("metric: nullValues, mustBe: 0", "string", ["", None, "a"], pa.string(), 1),
        ("metric: nullValues, unit: percent, mustBe: 0", "string", ["", None, "a", "b"], pa.string(), 25),
        ("metric: missingValues, mustBe: 0", "string", ["", None], pa.string(), 1),
        (
            "metric: missingValues, arguments: {missingValues: [null, '', NA]}, mustBe: 0",
            "string",
            ["", None, "NA", "x"],
            pa.string(),
            3,
        ),
        (
            "metric: missingValues, arguments: {missingValues: ['']}, mustBe: 0",
            "string",
            ["", None],
            pa.string(),
            1,
        ),
        (
            "metric: missingValues, arguments: {missingValues: [null, '', -1]}, mustBe: 0",
            "int",
            [-1, None, 4],
            pa.int32(),
            2,
        ),
        (
            "metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0",
            "string",
            ["a", "", "B", None],
            pa.string(),
            2,
        ),
        ("metric: invalidValues, arguments: {validValues: [a]}, mustBe: 9", "int", [1, None], pa.int32(), 1),
        (
            "metric: invalidValues, arguments: {validValues: [0.1]}, mustBe: 9",
            "double",
            [0.1, NAN],
            pa.float64(),
            1,
        ),
        (
            "metric: invalidValues, arguments: {pattern: '^a'}, mustBe: 0",
            "string",
            ["ab", "b", None],
            pa.string(),
            1,
        ),
        ("metric: duplicateValues, mustBe: 0", "string", ["a", "a", None, None], pa.string(), 1),
        ("metric: rowCount, mustBe: 0", "string", ["a", None], pa.string(), 2),
    ],
)
def test_metrics_of_the_standard(
    bench: Bench, quality: str, type_: str, values: list[object], arrow: pa.DataType, count: float
) -> None:
    kind = quality.partition("metric: ")[2].partition(",")[0]
    result = bench.one(
        bench.column_contract(f"quality: [{{{quality}}}]"), type_, pa.array(values, arrow), kind
    )
    assert (result.count, result.status) == (count, Status.FAILED)


def test_enum_of_version_3_2(bench: Bench) -> None:
    column = "{name: x, logicalType: string, enum: [{value: a}, {value: b}]}"
    agreed = bench.contract(f"schema: [{{name: observations, properties: [{column}]}}]\n", version="v3.2.0")
    assert bench.one(agreed, "string", pa.array(["a", "c", None], pa.string()), "enum").count == 1


@pytest.mark.parametrize(
    ("operator", "passes"),
    [
        ("mustBe: 3", True), ("mustBe: 2", False), ("mustNotBe: 3", False), ("mustNotBe: 2", True),
        ("mustBeGreaterThan: 3", False), ("mustBeGreaterOrEqualTo: 3", True), ("mustBeLessThan: 3", False),
        ("mustBeLessOrEqualTo: 3", True), ("mustBeBetween: [3, 4]", True), ("mustBeBetween: [4, 5]", False),
        ("mustNotBeBetween: [3, 4]", False), ("mustNotBeBetween: [4, 5]", True),
    ],
)  # fmt: skip
def test_operators_of_the_standard(bench: Bench, operator: str, passes: object) -> None:
    agreed = bench.column_contract(f"quality: [{{metric: rowCount, {operator}}}]")
    result = bench.one(agreed, "int", pa.array([1, 2, 3], pa.int32()), "rowCount")
    assert result.status is (Status.PASSED if passes else Status.FAILED)


@pytest.mark.parametrize(
    ("clauses", "type_", "kind"),
    [
        ("logicalType: date, logicalTypeOptions: {minimum: yesterday}", "date", "minimum"),
        ("logicalType: number, logicalTypeOptions: {minimum: .nan}", "double", "minimum"),
        ("logicalType: string, logicalTypeOptions: {pattern: a}", "long", "pattern"),
        ("quality: [{metric: rowCount, mustBe: many}]", "int", "rowCount"),
        ("quality: [{metric: rowCount, mustBeBetween: [5, 1]}]", "int", "rowCount"),
        ("quality: [{metric: rowCount, mustBe: 1, unit: dozens}]", "int", "rowCount"),
        ("quality: [{metric: invalidValues, mustBe: 0}]", "int", "invalidValues"),
        ("quality: [{metric: invalidValues, mustBe: 0, arguments: {valid: [a]}}]", "string", "invalidValues"),
    ],
)
def test_a_clause_that_makes_no_sense_is_an_error_and_never_a_pass(
    bench: Bench, clauses: str, type_: str, kind: str
) -> None:
    arrow = {"date": pa.date32(), "double": pa.float64(), "string": pa.string()}.get(type_, pa.int64())
    result = bench.one(bench.column_contract(clauses), type_, pa.array([], arrow), kind)
    assert (result.status, result.means) == (Status.ERROR, Means.NOT_RUN)


def test_a_compound_key_counts_complete_keys_only(bench: Bench) -> None:
    agreed = bench.contract(
        "schema:\n- name: observations\n  properties:\n"
        "  - {name: a, primaryKey: true, primaryKeyPosition: 1, required: true}\n"
        "  - {name: b, primaryKey: true, primaryKeyPosition: 2}\n"
    )
    rows = pa.table({"a": [1, 1, 1, None], "b": ["x", "x", None, "x"]})
    table = bench.table({"a": "long", "b": "string"})
    report = bench.check(agreed, table, rows)
    counts = {rule.id: rule.count for rule in report.rules if rule.means is Means.EXECUTED}
    assert counts == {"a.required": 1, "observations.primaryKey": 1, "b.required": 1}


def test_a_field_of_a_struct_is_reached(bench: Bench) -> None:
    agreed = bench.contract(
        "schema:\n- name: observations\n  properties:\n"
        "  - {name: Home, logicalType: object, properties: [{name: zip, required: true}]}\n"
    )
    field = {"id": 2, "name": "Zip", "type": "string", "required": False}
    table = bench.table({"home": {"type": "struct", "fields": [field]}})
    rows = pa.table({"home": [{"Zip": "1"}, {"Zip": None}, None]})
    report = bench.check(agreed, table, rows)
    [result] = [rule for rule in report.rules if rule.kind == "required"]
    assert (result.id, result.count) == ("Home.zip.required", 2)


def test_a_required_column_of_the_schema_is_proved_without_a_scan(bench: Bench) -> None:
    engine = bench.engine(pa.table({"x": [1]}))
    report = check_contract(
        bench.column_contract("required: true"), bench.table({"x": "long!"}), engine, now=bench.now
    )
    [result] = [rule for rule in report.rules if rule.kind == "required"]
    assert (result.status, result.means) == (Status.PASSED, Means.PROVED)
    assert engine.asked == []


def test_retention_and_freshness(bench: Bench) -> None:
    levels = (
        "slaProperties:\n"
        "- {property: retention, value: 1, unit: y, element: observations.x}\n"
        "- {property: freshness, value: 24, unit: h, element: observations.x}\n"
    )
    agreed = bench.contract("schema:\n- {name: observations, properties: [{name: x}]}\n" + levels)
    old, new = datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2026-06-01T01:00:00")
    retention = bench.one(agreed, "timestamp", pa.array([old, new, None], pa.timestamp("us")), "retention")
    assert (retention.count, retention.status) == (1, Status.FAILED)
    assert (
        bench.one(agreed, "timestamp", pa.array([old, new], pa.timestamp("us")), "freshness").status
        is Status.PASSED
    )
    assert (
        bench.one(agreed, "timestamp", pa.array([], pa.timestamp("us")), "freshness").status is Status.FAILED
    )
    assert (
        bench.one(agreed, "timestamp", pa.array([], pa.timestamp("us")), "retention").status is Status.PASSED
    )


def test_a_warning_does_not_fail_the_contract(bench: Bench) -> None:
    for severity, success in (("warning", True), ("info", True), ("error", False), ("whatever", False)):
        agreed = bench.column_contract(f"quality: [{{metric: rowCount, mustBe: 9, severity: {severity}}}]")
        report = bench.check(agreed, bench.table({"x": "long"}), pa.table({"x": [1]}))
        assert report.success is success
        assert report.totals["failed"] == 1
