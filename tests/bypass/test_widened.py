"""What the prover rewrites so that it cannot fail comes to what the engine makes of what stood there."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from types import ModuleType
from typing import Any

import duckdb
import pytest
from sqlglot import exp
from tests.bypass.extreme_cells import extreme_engine
from tests.bypass.random_nesting import Queries
from tests.bypass.test_proven_never_fails import PLANNED, is_one_found, proven

from lakeward.policies.rewrite.fuse import casts, expressions, single
from lakeward.policies.rewrite.fuse.kinds import Kind, Value

DAYS = (
    *("DATE 'infinity'", "DATE '-infinity'", "DATE '2026-01-31'", "DATE '2026-02-05'", "DATE '2026-02-06'"),
    *("DATE '5881580-07-09'", "DATE '5877642-06-25 (BC)'", "DATE '290000-01-01'", "CAST(NULL AS DATE)"),
)
SIGNS = ("=", "<>", "<", "<=", ">", ">=")
STEPS = ("+ 5", "- 5", "+ INTERVAL 5 DAY", "- INTERVAL 1 WEEK", "+ 0")


@pytest.fixture
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def answer(engine: duckdb.DuckDBPyConnection, sql: str) -> object:
    try:
        return engine.execute(sql).fetchall()
    except duckdb.Error:
        return "failed"


@pytest.mark.parametrize(("sign", "step"), [*product(SIGNS, STEPS)])
def test_days_between_compare_as_moved_days(engine: duckdb.DuckDBPyConnection, sign: str, step: str) -> None:
    asked = (f"SELECT day {sign} (since {step}) AS x FROM t", f"SELECT (since {step}) {sign} day AS x FROM t")
    for sql in asked:
        rewritten = proven(sql.replace("since", "stay.since"))
        assert rewritten
        assert "DATE_DIFF" in rewritten
        for day, since in product(DAYS, DAYS):
            source = f"WITH t AS (SELECT {day} AS day, {since} AS since) "
            wanted = answer(engine, source + sql)
            if wanted != "failed":
                assert answer(engine, source + rewritten.replace("stay.since", "since")) == wanted, source


def test_quotients_of_wider_decimals_are_the_same(engine: duckdb.DuckDBPyConnection) -> None:
    draw = random.Random(5)  # noqa: S311  the same draws each time
    sql = "SELECT CAST(big AS DECIMAL(17, 2)) / CAST(other AS DECIMAL(17, 2)) AS x FROM t"
    rewritten = proven(sql.replace("other", "small"))
    assert rewritten
    assert "DECIMAL(38, 2)" in rewritten
    for _ in range(300):
        one, two = (draw.randrange(-(10 ** draw.randint(1, 15)), 10**15) for _ in range(2))
        source = f"WITH t AS (SELECT {one} AS big, {two} AS other) "
        assert answer(engine, source + rewritten.replace("small", "other")) == answer(engine, source + sql)


@pytest.mark.parametrize("sign", ["IS DISTINCT FROM", "IS NOT DISTINCT FROM"])
def test_days_between_are_not_told_apart_from_none(engine: duckdb.DuckDBPyConnection, sign: str) -> None:
    source = "WITH t AS (SELECT CAST(NULL AS DATE) AS day, CAST(NULL AS DATE) AS since) "
    sql = f"SELECT day {sign} since + 5 AS x FROM t"
    rewritten = proven(sql.replace("since", "stay.since"))
    if rewritten:
        assert answer(engine, source + rewritten.replace("stay.since", "since")) == answer(
            engine, source + sql
        )


def test_a_long_number_of_128_bits_is_another_double(engine: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT (-18014398509481987)::BIGINT::DOUBLE = (-18014398509481987)::HUGEINT::DOUBLE"
    assert answer(engine, sql) == [(False,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(sum(big) AS DECIMAL(15, 4)) AS x FROM t",
        "SELECT single / CAST(big AS DECIMAL(9, 2)) AS x FROM t",
        "SELECT CAST(big AS DECIMAL(18, 2)) / CAST(small AS DECIMAL(18, 2)) AS x FROM t",
        "SELECT CAST(ratio AS DECIMAL(9, 2)) / 7 AS x FROM t",
        "SELECT CAST(text AS DECIMAL(9, 2)) / 7 AS x FROM t",
        "SELECT 1 AS x FROM t WHERE moment > moment + 5",
        "SELECT 1 AS x FROM t WHERE day > day + 999999",
        "SELECT 1 AS x FROM t WHERE day > day + small",
        "SELECT 1 AS x FROM t WHERE day > day + INTERVAL 5 MONTH",
        "SELECT (SELECT sum(small) FROM t WHERE small = 7 GROUP BY flag) AS x FROM t",
        "SELECT (SELECT sum(small) FROM t WHERE small = 7 GROUP BY ROLLUP (small)) AS x FROM t",
        "SELECT (SELECT sum(small) FROM t WHERE small = 7 OR flag GROUP BY small) AS x FROM t",
        "SELECT (SELECT sum(small) FROM t WHERE ratio = 0 GROUP BY ratio) AS x FROM t",
        "SELECT (SELECT flag AS small FROM t WHERE small = 7 GROUP BY small) AS x FROM t",
        "SELECT (SELECT sum(small) FROM t WHERE small = big GROUP BY small) AS x FROM t",
        "SELECT (SELECT sum(small) FROM t WHERE small > 7 GROUP BY small) AS x FROM t",
        "SELECT big - big AS x FROM t",
        "SELECT d.x FROM (SELECT big - big AS x FROM t) AS d",
        "SELECT * FROM (SELECT big - big AS x FROM t UNION SELECT small FROM t) AS d",
        "SELECT max(d.x) AS x FROM (SELECT big - big AS x FROM t) AS d",
        "SELECT 1 AS x FROM (SELECT big - big AS x FROM t) AS d GROUP BY d.x",
        "SELECT abs(d.x) > 1 AS x FROM (SELECT big - big AS x FROM t) AS d",
        "SELECT (SELECT sum(d.x) - d.y FROM t) AS x FROM (SELECT big AS x, big - big AS y FROM t) AS d",
        "SELECT arg_max(big - big, day) AS x FROM t",
        "SELECT big + small > ratio AS x FROM t",
        "SELECT ratio BETWEEN 0 AND big + small AS x FROM t",
        "SELECT sum((big + small) * ratio) AS x FROM t",
        "SELECT sum(CASE WHEN flag THEN big + small ELSE single END) AS x FROM t",
        "SELECT sum(d.x - ratio) AS x FROM (SELECT price + price AS x, ratio FROM t) AS d",
    ],
)
def test_what_is_not_quite_it_is_not_proven(sql: str) -> None:
    assert proven(sql) is None


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(sum(small) AS DECIMAL(15, 4)) / CAST(count(*) AS DECIMAL(15, 4)) AS x FROM t",
        "SELECT 1 AS x FROM t AS a JOIN t AS b ON a.day > b.day + 5",
        "SELECT (SELECT sum(small) FROM t WHERE small = 7 AND flag GROUP BY small) AS x FROM t",
        "SELECT (SELECT sum(small) FROM t WHERE text = 'a' GROUP BY text) AS x FROM t",
        "SELECT sum(d.x) AS x FROM (SELECT big - big AS x FROM t UNION SELECT small FROM t) AS d",
        "SELECT sum(e.y) AS x FROM (SELECT d.x - d.x AS y FROM (SELECT big + big AS x FROM t) AS d) AS e",
        "SELECT 1 AS x FROM (SELECT big * 7 AS x FROM t) AS d WHERE d.x > 7 ORDER BY d.x > 9",
        "SELECT arg_max(day, big * small) AS x FROM t",
        "SELECT sum((small + small) * ratio) AS x FROM t",
    ],
)
def test_what_is_given_room_is_proven(sql: str) -> None:
    assert proven(sql)


def columns(engine: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """The types of what a statement gives; none where the engine does not plan it."""
    try:
        return [str(each) for each in engine.sql(sql).types]
    except PLANNED:
        return []


def other_types(seed: int, count: int) -> list[str]:
    """Draw queries; return those that give columns of other types when they are rewritten."""
    queries = Queries(random.Random(seed))  # noqa: S311  the same draws each time
    drawn = [queries.derived() if number % 2 else queries.query() for number in range(count)]
    found = [(sql, rewritten) for sql in drawn if (rewritten := proven(sql))]
    assert len(found) > count // 8
    with extreme_engine() as engine:
        told = [(a, b) for a, b in found if (asked := columns(engine, a)) and asked != columns(engine, b)]
    return ["\n  ".join(each) for each in told]


def test_nobody_sees_a_wider_type() -> None:
    assert other_types(seed=1, count=1_500) == []


@pytest.mark.slow
def test_nobody_sees_a_wider_type_in_many() -> None:
    assert other_types(seed=2, count=8_000) == []


@pytest.mark.slow
def test_a_wider_type_that_is_seen_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "_unseen", lambda value, _node: replace(value, wider=False))
    assert other_types(seed=2, count=8_000)


CARELESS: dict[str, list[tuple[ModuleType, str, Any]]] = {
    "a row for each element": [(single, "_MULTIPLY", (exp.Pivot,))],
    "a single row": [(expressions, "gives_one_row", lambda select: select.args.get("where") is not None)],
    "a width": [(casts, "widen_cast", lambda *_: None)],
    "days": [
        (expressions, "compare_days", lambda *_: None),
        (expressions, "_date_arithmetic", lambda *_: Value(Kind.DATE)),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CARELESS)
def test_a_careless_rule_is_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for module, rule, careless in CARELESS[name]:
        monkeypatch.setattr(module, rule, careless)
    with extreme_engine() as engine:
        assert is_one_found(engine, seed=3, count=8_000)
