"""The law of what the prover rewrites: over cells on which nothing fails, it answers as what stood there.

Random queries that are proven are asked as they were written and as they would run, over ordinary cells.
"""

import random
from collections.abc import Iterator

import duckdb
import pytest
from tests.bypass.extreme_cells import COLUMNS, extreme_engine
from tests.bypass.test_proven_never_fails import proven

from lakeward.policies.admit import admit
from lakeward.policies.rewrite.fuse import expressions
from lakeward.policies.rewrite.fuse.widen import widen

CELLS = {
    "flag": "i % 3 = 0", "small": "i * 7 - 50", "big": "i * 100001 - 999", "cents": "i * 1.25 - 10",
    "price": "i * 3.1415 - 7", "whole": "i * 12 - 40", "fine": "i * 0.001", "single": "i * 0.5 - 3",
    "ratio": "i * 0.1 - 1", "text": "'t' || i % 5", "word": "chr(97 + i % 4)", "day": "d", "moment": "m",
    "instant": "m", "raw": "encode('r' || i % 4)", "words": "['a', 'w' || i % 3]", "days": "[d, d + 1]",
    "home": "{'street': 's' || i % 3, 'unit': i}", "moments": "[m]", "stay": "{'since': d}",
    "visit": "{'since': m}",
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Forty rows of ordinary cells and some NULLs, with the names and types of the extreme ones."""
    with extreme_engine() as opened:
        cells = ", ".join(
            f"if((i + {place}) % 7 = 0, NULL, {cell}) AS {name}"
            for place, (name, cell) in enumerate(CELLS.items())
        )
        opened.execute(
            f"CREATE TABLE ordinary AS SELECT {cells} FROM (SELECT i::INT AS i, "
            "DATE '2026-01-28' + i::INT AS d, TIMESTAMP '2026-01-28' + to_hours(i * 7) AS m "
            "FROM range(40) AS r(i))"
        )
        opened.execute("DELETE FROM t; INSERT INTO t BY NAME FROM ordinary")
        yield opened


def answer(engine: duckdb.DuckDBPyConnection, sql: str) -> list[str] | None:
    """Give the rows, in no order; nothing where the engine refuses."""
    try:
        return sorted(map(repr, engine.execute(sql).fetchall()))
    except duckdb.Error:
        return None


NUMBERS = ("small", "big", "cents", "price", "whole", "fine", "ratio", "single", "3", "0.25", "home.unit")
DAYS = ("day", "stay.since", "DATE '2026-02-01'")
SIGNS = ("=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM")
STEPS = ("", "+ 5", "- 3", "+ INTERVAL 2 DAY", "- INTERVAL 1 WEEK")


def condition(draw: random.Random) -> str:
    """Draw a comparison of numbers or days that are reckoned with: that is what the prover rewrites."""
    sign = draw.choice(SIGNS)
    if draw.random() < 0.3:
        return f"({draw.choice(DAYS)} {sign} ({draw.choice(DAYS)} {draw.choice(STEPS)}))"
    return f"({number(draw, 2)} {sign} {number(draw, 2)})"


def number(draw: random.Random, depth: int) -> str:
    if depth == 0 or draw.random() < 0.2:
        return draw.choice(NUMBERS)
    return f"({number(draw, depth - 1)} {draw.choice('+-*/')} {number(draw, depth - 1)})"


FORMS = (
    "SELECT {0} AS x FROM t",
    "SELECT count(*) AS x FROM t WHERE {0}",
    "SELECT CASE WHEN {0} THEN 1 END AS x, count(*) AS n FROM t GROUP BY ALL",
    "SELECT sum(x) AS x FROM (SELECT {1} AS x FROM t) AS d",
    "SELECT avg({1}) AS x FROM t GROUP BY word HAVING bool_or({0})",
)


def compared(engine: duckdb.DuckDBPyConnection, seed: int, count: int) -> tuple[int, list[str]]:
    """Draw queries; return how many run otherwise than they were written, and those that answer otherwise."""
    draw, rewritten, differing = random.Random(seed), 0, []  # noqa: S311  the same draws each time
    for _ in range(count):
        sql = draw.choice(FORMS).format(condition(draw), number(draw, 2))
        runs, plain = proven(sql), admit(sql).sql("duckdb")
        if runs is None or runs == plain:
            continue
        rewritten += 1
        wanted = answer(engine, plain)
        if wanted is not None and answer(engine, runs) != wanted:
            differing.append(f"{plain}\n  {runs}")
    return rewritten, differing


def test_what_is_rewritten_answers_the_same(engine: duckdb.DuckDBPyConnection) -> None:
    rewritten, differing = compared(engine, seed=1, count=1_000)
    assert rewritten > 50
    assert differing == []


@pytest.mark.slow
def test_much_that_is_rewritten_answers_the_same(engine: duckdb.DuckDBPyConnection) -> None:
    rewritten, differing = compared(engine, seed=2, count=10_000)
    assert rewritten > 500
    assert differing == []


def test_a_careless_rewriting_is_found(
    engine: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expressions, "widen", lambda node, *_: widen(node, "BIGINT"))
    assert compared(engine, seed=1, count=1_000)[1]


def test_the_cells_are_of_every_column() -> None:
    assert {*CELLS} == {*COLUMNS}
