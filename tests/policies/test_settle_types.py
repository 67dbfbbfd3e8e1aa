"""What a dialect's form asks of a type is answered by the type of a visible column, and by nothing else."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlglot import exp

from lakeward.catalog.types import DataType, ListType, MapType, PrimitiveType
from lakeward.policies.admit import admit
from lakeward.policies.rewrite.settle_types import settle_types

TEXT = PrimitiveType("string")
TYPES: dict[str, DataType] = {
    "name": TEXT,
    "born": PrimitiveType("date"),
    "seen": PrimitiveType("timestamp"),
    "score": PrimitiveType("double"),
    "n": PrimitiveType("long"),
    "tags": ListType(1, TEXT),
    "props": MapType(1, TEXT, 2, TEXT),
}
COLUMNS: list[Any] = [SimpleNamespace(name=name, type=type_) for name, type_ in TYPES.items()]


def settled(dialect: str, sql: str) -> exp.Query:
    tree = admit(sql, dialect)
    settle_types(tree, COLUMNS, dialect)
    return tree


@pytest.mark.parametrize(
    ("dialect", "sql", "becomes"),
    [
        ("postgres", "name::text", "((CAST(name AS TEXT)))"),
        ("trino", "born + INTERVAL '1' DAY", "CAST(born + INTERVAL '1' DAY AS DATE)"),
        ("trino", "seen + INTERVAL '1' DAY", "(seen + INTERVAL '1' DAY)"),
        ("trino", "date_trunc('month', born)", "CAST(DATE_TRUNC('MONTH', born) AS DATE)"),
        ("spark", "born - born", "CAST(born AS TIMESTAMP) - CAST(born AS TIMESTAMP)"),
        ("postgres", "born - born", "born - born"),
        ("spark", "size(props)", "CARDINALITY(props)"),
        ("spark", "size(tags)", "ARRAY_LENGTH(tags)"),
        ("spark", "reverse(tags)", "LIST_REVERSE(tags)"),
        ("spark", "reverse(name)", "REVERSE(name)"),
        ("spark", "name > 5", "TRY_CAST(name AS DOUBLE) > 5"),
        ("spark", "n > 5", "n > 5"),
        ("postgres", "name > 5", "name > 5"),
        ("postgres", "tags || CAST(name AS text)", "LIST_APPEND(tags, ((CAST(name AS TEXT))))"),
        ("postgres", "sum(n) / 2", "CAST(SUM(n) AS DOUBLE) / 2"),
        ("postgres", "sum(score) / 2", "SUM(score) / 2"),
        ("duckdb", "typeof(name) = 'VARCHAR'", "TYPEOF(name) = 'VARCHAR'"),
    ],
)
def test_a_form_is_settled_by_the_type(dialect: str, sql: str, becomes: str) -> None:
    assert settled(dialect, f"SELECT {sql} AS x FROM t").sql("duckdb") == f"SELECT {becomes} AS x FROM t"


def test_a_cast_to_the_type_it_has_is_left_out_but_where_it_names_a_column() -> None:
    tree = settled("postgres", "SELECT CAST(seen AS TIMESTAMP) FROM t WHERE CAST(seen AS TIMESTAMP) > seen")
    assert tree.sql("duckdb") == "SELECT CAST(seen AS TIMESTAMP) FROM t WHERE seen > seen"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT x::text FROM (SELECT score AS x FROM t) AS d",
        "SELECT name::text FROM (SELECT score AS name FROM t) AS d",
        "SELECT name::text FROM (VALUES (1.5)) AS d(name)",
        "SELECT unknown::text FROM t",
    ],
)
def test_a_name_of_another_type_is_left_to_the_engine(sql: str) -> None:
    assert settled("postgres", sql).find(exp.Typeof)


def test_what_holds_a_query_stays_where_it_is() -> None:
    tree = admit("SELECT CASE WHEN typeof(name) = 'VARCHAR' THEN (SELECT max(n) FROM u) END AS x FROM t")
    tables = [*tree.find_all(exp.Table)]
    settle_types(tree, COLUMNS, "postgres")
    assert [*tree.find_all(exp.Table)] == tables
    assert tree.find(exp.Case)
