"""Random statements that may fail, asked of lakes that show the same: they fail in all, or in none.

The other half of `test_proven_never_fails.py`: there what is proven wherever it runs, here what may fail
since it surely runs. `LAKEWARD_RANDOM_FAILURES` says how many statements the long test asks.
"""

import os
import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlglot import exp
from tests.bypass.lake import PURPOSE, Governed
from tests.bypass.random_failing import FailingQueries
from tests.bypass.test_proven_never_fails import TABLE as CELLS
from tests.bypass.twin_lakes import LAKES, ROWS, make_twin

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.types import PrimitiveType
from lakeward.policies.admit import admit
from lakeward.policies.rewrite.fuse import NotProvenError, functions
from lakeward.policies.rewrite.fuse.fold_dates import fold_dates
from lakeward.policies.rewrite.fuse.prove import Prover
from lakeward.policies.rewrite.fuse.sure import courses

_KEYS = {"id": "long", "site": "string", "grade": "long", "never": "long"}
TABLE = cast(
    "Any",
    SimpleNamespace(
        visible_columns=[
            *(SimpleNamespace(name=name, type=PrimitiveType(type_)) for name, type_ in _KEYS.items()),
            *CELLS.visible_columns,
        ],
        shows_all=False,
    ),
)
_LARGE = "CAST(999999999999999999 AS DECIMAL(38, 0)) * 999999999999999999 * 90"
_SIGNED = f"CASE WHEN t.id = 0 THEN -1 WHEN t.id IN (1, 2) THEN 1 ELSE 0 END * {_LARGE}"
FAMOUS = {
    "a sum in another order": f"SELECT sum({_SIGNED}) AS x FROM event AS t JOIN rare AS u ON t.id = u.id",
    "a mean in another order": f"SELECT avg({_SIGNED}) AS x FROM event AS t, rare AS u WHERE t.id = u.id",
    "a row that a LIMIT picked": (
        "SELECT max(CASE WHEN q.id > 100 THEN CAST('x' AS INT) ELSE 1 END) AS x FROM "
        "(SELECT t.id FROM event AS t JOIN rare AS u ON t.id = u.id LIMIT 10) AS q"
    ),
    "the last of two aliases": (
        "SELECT t.day AS k, t.moment AS k FROM event AS t WHERE strftime(k, '%Y') <> 'x'"
    ),
    "a name before a star": (
        "SELECT count(*) AS x FROM (SELECT t.moment AS day, t.* FROM event AS t) AS d "
        "WHERE strftime(d.day, '%Y') <> 'x'"
    ),
    "a text that is asked for truth": (
        "SELECT count(*) AS x FROM event AS t WHERE CASE WHEN t.grade = 2 THEN t.text ELSE 'true' END"
    ),
    "each entry of a dictionary": "SELECT max(strftime(t.moment, '%Y-%m')) AS x FROM event AS t",
    "bounds of a file": "SELECT max(date_trunc('week', t.moment)) AS x FROM rare AS t WHERE t.grade > 1",
}
"""Statements that once told lakes apart."""


def proven(sql: str, *, where_it_is_sure: bool) -> str | None:
    """Return the statement that would run fused, with what surely runs allowed to fail or not."""
    try:
        tree = admit(sql)
        fold_dates(tree)
        tables = {id(each): TABLE.visible_columns for each in tree.find_all(exp.Table)}
        Prover(tables=tables, courses=courses(tree) if where_it_is_sure else {}, may_rewrite=True).prove(tree)
    except (LakewardError, NotProvenError):
        return None
    return tree.sql("duckdb")


def candidates(seed: int) -> Iterator[str]:
    """Draw statements that may run fused since what may fail in them surely runs; and a few others."""
    queries, luck = FailingQueries(seed), random.Random(seed)  # noqa: S311  the same draws each time
    while True:
        sql = queries.query()
        if fails_only_where_it_is_sure(sql) or luck.random() < 1 / 200:
            yield sql


def fails_only_where_it_is_sure(sql: str) -> bool:
    """Whether a statement is proven, but not that nothing in it fails."""
    return bool(proven(sql, where_it_is_sure=True)) and not proven(sql, where_it_is_sure=False)


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Governed]]:
    root = tmp_path_factory.mktemp("random-twins")
    made = {name: make_twin(root / name.replace(" ", "-"), name) for name in LAKES}
    yield {name: Governed(lake) for name, lake in made.items()}
    for lake in made.values():
        lake.close()


def outcome(governed: Governed, who: str, sql: str) -> tuple[object, ...]:
    """What a statement comes to; how floats are rounded, and which rows a LIMIT picks, may differ."""
    try:
        answer = governed.gateway.execute(governed.gateway.session(who, PURPOSE), sql)
        return answer.way, answer.table().num_rows
    except LakewardError as error:
        return type(error).__name__, error.message


def told_apart(lakes: dict[str, Governed], who: str, sql: str) -> str | None:
    """Return a statement with what it says of each lake, if that is not the same."""
    outcomes = {name: outcome(governed, who, sql) for name, governed in lakes.items()}
    return f"{sql}\n  {outcomes}" if len(set(outcomes.values())) > 1 else None


def findings(lakes: dict[str, Governed], seed: int, count: int) -> list[str]:
    """Ask so many statements; return those that tell the lakes apart."""
    asked = zip(range(count), candidates(seed), strict=False)
    found = (told_apart(lakes, "semi" if number % 4 == 0 else "equal", sql) for number, sql in asked)
    return [each for each in found if each]


def test_a_failure_tells_of_no_hidden_row(lakes: dict[str, Governed]) -> None:
    told = findings(lakes, seed=1, count=12)
    assert not told, "\n".join(told)


@pytest.mark.slow
def test_many_failures_tell_of_no_hidden_row(lakes: dict[str, Governed]) -> None:
    told = findings(lakes, seed=2, count=int(os.environ.get("LAKEWARD_RANDOM_FAILURES", "50")))
    assert not told, "\n".join(told[:5])


def test_some_of_them_are_fused_and_fail(lakes: dict[str, Governed]) -> None:
    asked = [sql for _, sql in zip(range(20), candidates(seed=3), strict=False)]
    outcomes = [outcome(lakes["none"], "equal", sql) for sql in asked]
    assert sum(each[0] == "FailedStatementError" for each in outcomes) >= 2
    assert sum(each[0] == "fused" for each in outcomes) >= 5


@pytest.mark.parametrize("who", ROWS)
@pytest.mark.parametrize("name", FAMOUS)
def test_what_has_told_lakes_apart_does_no_more(lakes: dict[str, Governed], name: str, who: str) -> None:
    assert told_apart(lakes, who, FAMOUS[name]) is None


def test_a_careless_rule_is_found(lakes: dict[str, Governed], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_may_end_badly", lambda _inside: True)
    sql = FAMOUS["a sum in another order"].replace("AS x", "AS careless")
    assert told_apart(lakes, "equal", sql)
