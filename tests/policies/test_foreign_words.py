"""A text of the engine's own dialect is held to functions that the engine has."""

import duckdb
import pytest

from lakeward.policies.admit import admit
from lakeward.policies.admit.errors import NotAdmittedError

FOREIGN = [
    "iif(true, 1, 2)",
    "nvl(NULL, 1)",
    "charindex('a', 'ba')",
    "approx_distinct(1)",
    "array_size([1])",
    '"nvl"(NULL, 1)',
    "1 BETWEEN SYMMETRIC 2 AND 0",
]
OWN = [
    "if(true, 1, 2)",
    "ifnull(NULL, 1)",
    "TRY(1 / 0)",
    "TRY_CAST('x' AS INTEGER)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY 1)",
    "array(SELECT 1)",
    "map([1], [2])",
    "extract(year FROM DATE '2024-01-31')",
    "substring('abc' FROM 2)",
    "trim(BOTH 'a' FROM 'aba')",
    "position('a' IN 'ba')",
    "3 = ANY (SELECT 3)",
    "COALESCE(NULL, 1)",
    '"concat"(1, 2)',
]


@pytest.mark.parametrize("expression", FOREIGN)
def test_what_the_engine_would_not_run_is_refused_in_its_dialect(expression: str) -> None:
    with pytest.raises(duckdb.Error):
        duckdb.execute(f"SELECT {expression}")
    with pytest.raises(NotAdmittedError, match="DuckDB does not"):
        admit(f"SELECT {expression}")


@pytest.mark.parametrize("expression", OWN)
def test_what_it_runs_is_not(expression: str) -> None:
    duckdb.execute(f"SELECT {expression}").fetchall()
    admit(f"SELECT {expression}")


def test_another_dialect_has_its_own_words() -> None:
    admit("SELECT nvl(a, 1), a BETWEEN 1 AND 2 FROM t", "spark")
    admit("SELECT a BETWEEN SYMMETRIC 2 AND 1 FROM t", "postgres")


def test_words_of_a_pivot_with_an_order_are_not_taken_for_others() -> None:
    admit("PIVOT (SELECT ifnull(a, 1) AS a, b FROM t) ON a USING sum(b) ORDER BY ALL")


@pytest.mark.parametrize("call", ["read_csv('x.csv')", "read_parquet('x')", "getvariable('a')"])
def test_what_it_has_and_nobody_may_call_is_not_said_to_be_missing(call: str) -> None:
    with pytest.raises(NotAdmittedError) as refused:
        admit(f"SELECT * FROM (SELECT 1 AS a) AS t WHERE a IN (SELECT {call})")
    assert "does not have" not in str(refused.value)


def test_every_function_that_the_engine_has_is_its_own() -> None:
    rows = duckdb.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
    names = [name for (name,) in rows if name.isidentifier()]
    assert len(names) > 500
    assert [name for name in names if "does not have" in refusal(f"SELECT {name}(a, b) FROM t")] == []


def refusal(sql: str) -> str:
    try:
        admit(sql)
    except NotAdmittedError as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT * FROM read_csv('x')", "`read_csv`"),
        ("SELECT getenv('x')", "the function `getenv`"),
        ("SELECT a FROM t FOR UPDATE", "`locks` of `SELECT`"),
        ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "`DELETE`"),
    ],
)
def test_a_refused_construct_is_named_as_it_is_written(sql: str, named: str) -> None:
    with pytest.raises(NotAdmittedError) as refused:
        admit(sql)
    assert str(refused.value) == f"The statement is not admitted: {named}."
