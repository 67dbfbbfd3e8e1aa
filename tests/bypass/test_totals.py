"""Sums of sums count no row twice: where one could come twice, they are given room for it, or not proven.

Nobody has so many rows that it would show; so the rules are told that there are fewer than a hundred.
"""

from collections.abc import Callable, Iterator

import duckdb
import pytest
from tests.bypass.extreme_cells import extreme_engine
from tests.bypass.test_proven_never_fails import failure, failures, proven

from lakeward.policies.rewrite.fuse import functions, prove

LARGE = "sum(CASE WHEN big > 0 THEN big END * 99999999999999999)"
"""Of a table of sixty rows, nearly as much as the engine has room for."""
GROUPED = f"SELECT {LARGE} AS s FROM t GROUP BY day"
KEYS = "flag, word, day, text, ratio, single"
SETS = ", ".join(["(flag)", "()"] * 30)
ONCE = {
    "groups": f"SELECT sum(d.s) AS x FROM ({GROUPED}) AS d",
    "a total": f"SELECT sum(d.s) AS x FROM (SELECT {LARGE} AS s FROM t) AS d",
    "groups of groups": (
        f"SELECT sum(e.s) AS x FROM (SELECT sum(d.s) AS s FROM "
        f"(SELECT {LARGE} AS s, flag FROM t GROUP BY day, flag) AS d GROUP BY d.flag) AS e"
    ),
    "of several sets": f"SELECT sum(s) AS x FROM (SELECT {LARGE} AS s, flag FROM t GROUP BY day, flag) AS c "
    "GROUP BY ROLLUP (flag)",
    "of the alias's name": f"SELECT sum(s) AS s, sum(s) AS x FROM ({GROUPED}) AS d",
}
TWICE = {
    "a join": f"SELECT sum(d.s) AS x FROM ({GROUPED}) AS d, t",
    "a join of a total": f"SELECT sum(d.s) AS x FROM (SELECT {LARGE} AS s FROM t) AS d LEFT JOIN t ON TRUE",
    "a cube": f"SELECT sum(d.s) AS x FROM (SELECT {LARGE} AS s FROM t GROUP BY CUBE ({KEYS})) AS d",
    "several sets": (
        f"SELECT sum(d.s) AS x FROM (SELECT {LARGE} AS s FROM t GROUP BY GROUPING SETS ({SETS})) AS d"
    ),
    "a join below a star": f"SELECT sum(e.s) AS x FROM (SELECT d.* FROM ({GROUPED}) AS d, t) AS e",
    "a join below": f"SELECT sum(e.s) AS x FROM (SELECT d.s FROM ({GROUPED}) AS d, t) AS e",
    "a window": f"SELECT sum(e.s) AS x FROM (SELECT max(d.s) OVER () AS s FROM ({GROUPED}) AS d, t) AS e",
    "each element": (f"SELECT sum(e.s) AS x FROM (SELECT {LARGE} AS s, unnest({[1] * 60}) AS n FROM t) AS e"),
    "a product": f"SELECT sum(d.s * 99) AS x FROM ({GROUPED}) AS d",
    "a set operation": f"SELECT sum(u.s) AS x FROM ({' UNION ALL '.join([GROUPED] * 30)}) AS u",
}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    monkeypatch.setattr(functions, "_COUNT_DIGITS", 2)
    with extreme_engine() as opened:
        yield opened


@pytest.mark.parametrize("name", ONCE)
def test_a_sum_of_groups_is_no_more_than_that_of_their_rows(
    engine: duckdb.DuckDBPyConnection, name: str
) -> None:
    rewritten = proven(ONCE[name])
    assert rewritten
    assert not failure(engine, rewritten)


@pytest.mark.parametrize("name", TWICE)
def test_rows_that_come_twice_are_counted_twice(engine: duckdb.DuckDBPyConnection, name: str) -> None:
    assert failure(engine, TWICE[name])
    assert proven(TWICE[name]) is None


CARELESS: dict[str, tuple[object, str, Callable[..., bool]]] = {
    "any sum": (prove, "is_total", lambda _node: True),
    "any relation": (functions, "adds_totals", lambda _node, value, _scope: value.total),
}


@pytest.mark.parametrize("name", CARELESS)
def test_a_careless_rule_is_found(
    engine: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(*CARELESS[name])
    found = [sql for each in TWICE.values() if (sql := proven(each))]
    assert any(failure(engine, sql) for sql in found)


@pytest.mark.slow
def test_many_sums_of_few_rows_have_room(
    engine: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No query that is drawn joins more than ten thousand."""
    monkeypatch.setattr(functions, "_COUNT_DIGITS", 4)
    proofs, failed = failures(engine, seed=5, count=15_000)
    assert proofs > 15_000 // 8
    assert not failed, "\n".join(failed[:5])
