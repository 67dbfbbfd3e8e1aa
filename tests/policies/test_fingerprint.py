"""What a log keeps of a statement holds no value, however the value is written."""

import time

import pytest
from sqlglot import exp

from lakeward.policies.admit import admit
from lakeward.policies.fingerprint import without_literals

WRITTEN = [
    ("duckdb", "SELECT 'J Smith', $$J Smith$$ FROM t"),
    ("duckdb", "SELECT x -> '$.\"J Smith\"', x ->> 'J Smith', json_extract(x, '$.\"J Smith\"') FROM t"),
    ("duckdb", "SELECT a AS \"J Smith\", {'J Smith': 1}, MAP {'J Smith': 1} FROM t"),
    ("duckdb", "SELECT * FROM t PIVOT (sum(x) FOR y IN ('J Smith'))"),
    ("postgres", "SELECT E'J Smith', U&'J Smith', x #>> '{J Smith}', x -> 'J Smith' FROM t"),
    ("spark", "SELECT \"J Smith\", r'J Smith', get_json_object(x, '$.J Smith') FROM t"),
    ("trino", "SELECT U&'J Smith', json_extract_scalar(x, '$[\"J Smith\"]') FROM t"),
]


@pytest.mark.parametrize(("dialect", "sql"), WRITTEN)
def test_no_value_is_left(dialect: str, sql: str) -> None:
    assert "J Smith" in sql
    assert "Smith" not in without_literals(admit(sql, dialect))


def test_names_and_words_are_left() -> None:
    sql = (
        "SELECT a.k, max(b::DECIMAL(7, 2)) OVER (ORDER BY c ROWS 3 PRECEDING), extract(year FROM d), "
        "factorial(e) FROM clinic.visit AS a WHERE c > 5 AND f COLLATE NOCASE = 'x' LIMIT 7"
    )
    assert without_literals(admit(sql)) == (
        "SELECT a.k, MAX(CAST(b AS DECIMAL(?, ?))) OVER (ORDER BY c ROWS BETWEEN ? PRECEDING "
        "AND CURRENT ROW), EXTRACT(YEAR FROM d), FACTORIAL(e) FROM clinic.visit AS a "
        "WHERE c > ? AND f COLLATE NOCASE = ? LIMIT ?"
    )


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        (
            'SELECT "K" FROM t AS "a" WHERE "a"."other" = "Smith"',
            'SELECT "K" FROM t AS "a" WHERE "a"."other" = "?"',
        ),
        ('SELECT k AS "n" FROM t ORDER BY "n"', 'SELECT k AS "n" FROM t ORDER BY "n"'),
        ('SELECT list_filter([1], "x" -> "x" > 1)', 'SELECT LIST_FILTER([?], LAMBDA "x" : "x" > ?)'),
        ("SELECT k FROM t WHERE k = ag", "SELECT k FROM t WHERE k = ag"),
        ("SELECT {'Smith': k} FROM t WHERE \"Smith\" = 1", "SELECT {'?': k} FROM t WHERE \"?\" = ?"),
        ("SELECT {'Smith': k}.b FROM t", "SELECT {'?': k}.b FROM t"),
    ],
)
def test_a_column_in_quotes_that_no_table_has_is_taken_for_a_text(sql: str, kept: str) -> None:
    assert without_literals(admit(sql), ["k"]) == kept


def test_a_cohort_of_many_members_takes_as_long_as_it_is() -> None:
    many = 20_000
    started = time.thread_time()
    text = f"SELECT a FROM t WHERE a IN ({', '.join(['?'] * many)})"
    tree = admit(text, parameters=[exp.Literal.number("7")] * many)
    assert without_literals(tree).count("?") == many
    assert time.thread_time() - started < 4
