"""Random queries: answered as on the copy, and alike over two lakes that differ only in what is hidden."""

import copy
import os
import random

import pytest
from tests.bypass import hospital
from tests.bypass.copies import Copies
from tests.bypass.judge import Item, Judge
from tests.bypass.lake import Governed, documents, make_lake
from tests.bypass.random_query import wide_query

from lakeward.catalog.errors import LakewardError

QUERIES = int(os.environ.get("LAKEWARD_RANDOM_QUERIES", "600"))
PAIRS = int(os.environ.get("LAKEWARD_RANDOM_PAIRS", "200"))
SEED = int(os.environ.get("LAKEWARD_RANDOM_SEED", "20260301"))
"""How many the slow tests try, and where they begin; set them for a longer search."""
COLUMNS = {"visit": ("site", "dept", "code", "days"), "lab": ("test", "unit", "abnormal", "value")}
AGGREGATES = ("count(*)", "min({0})", "max({0})", "count(DISTINCT {0})")
CONDITIONS = (
    "{0} IS NOT NULL",
    "CAST({0} AS TEXT) LIKE '%1%'",
    "{0} IN (SELECT {0} FROM {1} LIMIT 0)",
    "NOT ({0} IS NULL)",
    "length(CAST({0} AS TEXT)) > 2",
    "EXISTS (SELECT 1 FROM {1} AS o WHERE o.{0} = t.{0})",
)
HIDDEN = ("mrn", "ssn")
"""Columns of patients that ada's grants leave out."""


def _query(draw: random.Random) -> str:
    """One grouped query over one table, at times grouped again."""
    table = draw.choice(sorted(COLUMNS))
    key, other = draw.sample(COLUMNS[table], 2)
    value = draw.choice(AGGREGATES).format(other)
    where = draw.choice(CONDITIONS).format(draw.choice(COLUMNS[table]), table)
    query = f"SELECT {key} AS k, {value} AS v FROM {table} AS t WHERE {where} GROUP BY {key}"
    if draw.random() < 0.3:
        query = f"SELECT k, count(*) FROM ({query}) AS q GROUP BY GROUPING SETS ((k), ())"
    return query


def _item(principal: str, sql: str) -> Item:
    return Item(
        title="random",
        family="random",
        principal=principal,
        expect="equal",
        dialect="duckdb",
        sql=sql,
        means=sql,
        ordered=False,
    )


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    made = hospital.rows()
    lake = make_lake(tmp_path_factory.mktemp("random") / "lake", hospital.arrow(made), documents())
    return Judge(Governed(lake), Copies(made, lake.keys.derive("pseudonym:lake").hex()))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Governed:
    """A lake that differs from the other in cells that ada may not see, and in nothing else."""
    made = copy.deepcopy(hospital.rows())
    places = [list(hospital.SCHEMA["main.patient"]).index(name) for name in HIDDEN]
    for row in made["main.patient"]:
        for place in places:
            row[place] = f"other {row[place]}"
    made["vault.secret"] = []
    return Governed(make_lake(tmp_path_factory.mktemp("twin") / "lake", hospital.arrow(made), documents()))


@pytest.mark.parametrize("seed", range(4))
def test_a_random_query_answers_as_on_the_copy(judge: Judge, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - a sample, no secret
    verdicts = [judge.judge(_item(draw.choice(("grace", "ada")), _query(draw))) for _ in range(15)]
    assert [str(each) for each in verdicts if not each.is_right] == []


@pytest.mark.parametrize("seed", range(2))
def test_hidden_cells_change_no_answer(judge: Judge, twin: Governed, seed: int) -> None:
    draw = random.Random(100 + seed)  # noqa: S311 - as above
    for _ in range(10):
        sql = _query(draw)
        one, other = judge.governed.run("ada", sql), twin.run("ada", sql)
        assert (one[0], sorted(map(repr, one[1]))) == (other[0], sorted(map(repr, other[1]))), sql


@pytest.mark.slow
def test_many_random_queries_answer_as_on_the_copy(judge: Judge) -> None:
    draw = random.Random(SEED)  # noqa: S311 - as above
    verdicts = [
        judge.judge(_item(draw.choice(("grace", "ada", "maya")), wide_query(draw))) for _ in range(QUERIES)
    ]
    assert [str(each) for each in verdicts if not each.is_right] == []
    answered = sum(each.outcome == "equal" for each in verdicts)
    assert answered > 0.7 * QUERIES, (
        "the rest names tables that are not there for maya, or fails on the copy too"
    )


@pytest.mark.slow
def test_hidden_cells_change_no_answer_of_many(judge: Judge, twin: Governed) -> None:
    draw = random.Random(SEED + 1)  # noqa: S311 - as above
    for _ in range(PAIRS):
        sql = wide_query(draw)
        assert _answer(judge.governed, sql) == _answer(twin, sql), sql


def _answer(governed: Governed, sql: str) -> tuple[object, ...]:
    """Rows in any order, or the words of the failure."""
    try:
        names, rows = governed.run("ada", sql)
    except LakewardError as error:
        return type(error).__name__, str(error)
    return names, sorted(map(repr, rows))
