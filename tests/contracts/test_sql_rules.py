"""`type: sql`: what is admitted is folded into the one pass; all else is an error and never a pass."""

from typing import Any

import pyarrow as pa
import pytest

from lakeward.contracts.compile import compile_contract
from lakeward.contracts.document import Contract
from lakeward.contracts.report import RuleResult
from lakeward.contracts.rules import Means, Status

Bench = Any
ROWS = pa.table({"a": [1, 2, 3, None], "b": [3.0, 2.0, 1.0, 0.0], "name": ["Ann", "ann", "Bob", None]})
COLUMNS = {"a": "long", "b": "double", "name": "string"}


def contract(
    bench: Bench, query: str, bound: str = "mustBe: 0", place: str = "quality", more: str = ""
) -> Contract:
    quoted = query.replace("'", "''")
    clause = f"{{id: q, type: sql, query: '{quoted}', {bound}}}"
    if place == "quality":
        body = (
            f"schema:\n- name: observations\n  physicalName: clinical.observations\n  quality: [{clause}]\n"
        )
    else:
        body = f"schema:\n- name: observations\n  properties: [{{name: a, quality: [{clause}]}}]\n"
    agreed: Contract = bench.contract(body + more)
    return agreed


def result(bench: Bench, agreed: Contract) -> RuleResult:
    report = bench.check(agreed, bench.table(COLUMNS), ROWS)
    found: RuleResult
    [found] = [rule for rule in report.rules if rule.kind == "sql"]
    return found


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT count(*) FROM {object}", 4),
        ("SELECT COUNT(*) FROM {object} WHERE NOT a > b", 2),
        ("select count(distinct lower(name)) from ${table}", 2),
        ("SELECT count(*) FROM observations o WHERE o.a IS NULL OR o.b >= 3", 2),
        ("SELECT count(*) FROM clinical.observations WHERE name LIKE 'A%'", 1),
        ("SELECT count(a) - count(DISTINCT a) FROM {object}", 0),
        ("SELECT count(*) FILTER (WHERE b > 1) FROM {object} WHERE a < 3", 2),
        ("SELECT 100 * count(a) / count(*) FROM {object}", 75),
        ("SELECT count(*) FROM {object} WHERE regexp_matches(name, '^[A-Z]')", 2),
        ("SELECT count(*) FROM {object} WHERE CAST(name AS INTEGER) > 1", 0),
    ],
)
def test_an_admitted_query_is_counted(bench: Bench, query: str, count: float) -> None:
    found = result(bench, contract(bench, query, "mustBe: -1"))
    assert (found.count, found.status) == (count, Status.FAILED)


def test_a_column_of_the_clause_is_named_by_a_placeholder(bench: Bench) -> None:
    agreed = contract(
        bench, "SELECT count(*) FROM {object} WHERE {property} > 1", "mustBe: 2", place="property"
    )
    assert result(bench, agreed).status is Status.PASSED


@pytest.mark.parametrize(
    ("query", "bound", "status"),
    [
        ("SELECT max(a) FROM {object}", "mustBe: 3", Status.PASSED),
        ("SELECT max(a) FROM {object}", "mustBeLessThan: 3", Status.FAILED),
        ("SELECT avg(b) FROM {object} WHERE a > 1", "mustBeBetween: [1, 2]", Status.PASSED),
        ("SELECT min(b) FROM {object}", "mustNotBeBetween: [0, 1]", Status.FAILED),
        ("SELECT sum(a) FROM {object} WHERE a > 99", "mustBe: 0", Status.ERROR),
        ("SELECT max(name) FROM {object}", "mustBe: 0", Status.ERROR),
    ],
)
def test_an_aggregate_that_could_be_a_cell_is_judged_in_the_engine(
    bench: Bench, query: str, bound: str, status: Status
) -> None:
    found = result(bench, contract(bench, query, bound))
    assert found.status is status
    assert found.count in {0, 1, None}


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM {object}",
        "SELECT count(*) FROM {object}; DROP TABLE t",
        "SELECT count(*) FROM other",
        "SELECT count(*) FROM read_csv('/etc/passwd')",
        "SELECT count(*) FROM '/etc/passwd'",
        "SELECT count(*) FROM {object} JOIN other USING (a)",
        "SELECT count(*) FROM {object}, other",
        "SELECT count(*) FROM (SELECT * FROM {object})",
        "WITH x AS (SELECT 1) SELECT count(*) FROM {object}",
        "SELECT count(*) FROM {object} WHERE a IN (SELECT a FROM other)",
        "SELECT count(*) FROM {object} WHERE EXISTS (SELECT 1 FROM other)",
        "SELECT (SELECT count(*) FROM other) FROM {object}",
        "SELECT a FROM {object}",
        "SELECT a + count(*) FROM {object}",
        "SELECT * FROM {object}",
        "SELECT count(*), count(a) FROM {object}",
        "SELECT count(*) FROM {object} GROUP BY a",
        "SELECT count(*) FROM {object} HAVING count(*) > 1",
        "SELECT count(*) OVER () FROM {object}",
        "SELECT count(*) FROM {object} LIMIT 1",
        "SELECT DISTINCT count(*) FROM {object}",
        "SELECT count(*) FROM {object} UNION SELECT 1",
        "SELECT string_agg(name) FROM {object}",
        "SELECT list(name) FROM {object}",
        "SELECT any_value(a) FROM {object}",
        "SELECT error(max(name)) FROM {object}",
        "SELECT count(*) FROM {object} WHERE getenv('HOME') = 'x'",
        "SELECT count(*) FROM {object} WHERE ghost = 1",
        "SELECT count(*) FROM {object} WHERE other.a = 1",
        "SELECT count(*) FROM {object} WHERE count(*) > 1",
        "SELECT 1 FROM {object}",
        "SELECT count(*) FROM {object} TABLESAMPLE 10%",
        "SELECT count(*)",
        "SELECT INTO x count(*) FROM {object}",
        "COPY t TO '/tmp/x'",
        "not sql at all",
        "",
    ],
)
def test_any_other_query_is_refused(bench: Bench, query: str) -> None:
    found = result(bench, contract(bench, query))
    assert (found.status, found.means) == (Status.ERROR, Means.NOT_RUN)


def test_the_contract_is_counted_in_one_pass(bench: Bench) -> None:
    agreed = contract(bench, "SELECT count(*) FROM {object} WHERE a > 1 AND name = 'Ann'")
    query = compile_contract(agreed, bench.table(COLUMNS)).query
    assert [str(table) for table in query.find_all(type(query.args["from_"].this))] == ["t"]
    assert query.sql("duckdb").upper().count("SELECT") == 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1000 * count(*) FROM {object} WHERE name = 'Bob'",
        "SELECT count_if(name = 'Bob') + 100 FROM {object}",
        "SELECT CASE WHEN count_if(name = 'Bob') = 1 THEN 99 ELSE 98 END FROM {object}",
        "SELECT count(*) FROM {object} WHERE name = 'Bob'",
    ],
)
def test_no_arithmetic_lifts_a_count_above_the_least_that_may_show(bench: Bench, query: str) -> None:
    least = "customProperties: [{property: kAnonymity, value: 3}]\n"
    assert result(bench, contract(bench, query)).count
    found = result(bench, contract(bench, query, more=least))
    assert (found.status, found.count, found.withheld) == (Status.FAILED, None, True)
