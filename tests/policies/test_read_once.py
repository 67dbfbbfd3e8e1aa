"""Which queries let the rows of their table stream through a bench."""

import pytest
from sqlglot import exp, parse_one

from lakeward.policies.rewrite.read_once import reads_once
from lakeward.policies.rewrite.resolve import Names, resolve_tables

NAMES = Names(lake="lake", default_namespace="clinic")


def answer(sql: str) -> bool:
    """What is said of a query."""
    tree = parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    return reads_once(tree, resolve_tables(tree, NAMES))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t",
        "SELECT x.a, count(*) FROM lake.clinic.t AS x WHERE b LIKE '%x' GROUP BY a HAVING count(*) > 1",
        "SELECT list_transform([a], lambda x: x + 1) FROM t ORDER BY a",
        "FROM t",
    ],
)
def test_one_select_of_one_table(sql: str) -> None:
    assert answer(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "SELECT a FROM t, t AS u",
        "SELECT a FROM t JOIN u USING (a)",
        "SELECT a FROM t UNION ALL SELECT a FROM t",
        "WITH c AS (SELECT a FROM t) SELECT * FROM c, c AS d",
        "WITH c AS (SELECT 1 AS a) SELECT a FROM t",
        "SELECT a FROM (SELECT a FROM t)",
        "SELECT a FROM t WHERE a IN (SELECT 1)",
        "SELECT a, (SELECT max(b) FROM u) FROM t",
        "SELECT count(*) OVER (PARTITION BY a) FROM t",
        "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1",
        "SELECT a FROM t WINDOW w AS (PARTITION BY a)",
        "SELECT a, u.x FROM t, unnest([1, 2]) AS u(x)",
        "SELECT a, u.x FROM t, LATERAL (SELECT a AS x) AS u",
        "SELECT a FROM t USING SAMPLE 10 ROWS",
        "SELECT a FROM t TABLESAMPLE 10%",
        "SELECT * FROM t PIVOT (sum(a) FOR b IN (1, 2))",
        "SELECT * FROM t UNPIVOT (v FOR k IN (a, b))",
        "SELECT a FROM range(10) AS r(a)",
        "(SELECT a FROM t)",
        "SELECT a FROM t LIMIT 3",
        "SELECT a FROM t ORDER BY a LIMIT 3",
        "SELECT a FROM t OFFSET 3",
        "SELECT a FROM t FETCH FIRST 3 ROWS ONLY",
        "SELECT array_agg(a ORDER BY a LIMIT 3) FROM t",
    ],
)
def test_all_else_is_laid_first(sql: str) -> None:
    assert not answer(sql)
