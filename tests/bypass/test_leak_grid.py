"""Filters x failing or telling expressions x query forms: the answer of the sanitised copy, or a refusal."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.bypass.judge import same
from tests.bypass.lake import PURPOSE, Governed
from tests.bypass.leak_grid import (
    EXPRESSIONS,
    FILTERS,
    FORMS,
    LARGEST,
    MARK,
    Cell,
    cells,
    consents,
    documents,
    events,
    slice_of,
)

from lakeward.catalog.errors import DeniedError, LakewardError
from lakeward.catalog.ingest import files
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName

FILES, GROUP = 4, 64
RIGHT = frozenset({"equal", "both-fail", "refused"})
WAYS = ("fused", "staged")
_SUMS = "(SELECT e.site, sum(e.grade) AS s FROM event AS e GROUP BY e.site) AS a"
OVER_RESULTS = {
    f"SELECT a.site FROM {_SUMS} WHERE a.s + a.s > 1": "fused",
    f"SELECT a.site FROM {_SUMS} WHERE a.s * a.s > 1": "staged",
    f"SELECT a.site FROM {_SUMS} WHERE a.site LIKE 'H%' AND -a.s < 1": "fused",
    "SELECT e.site FROM event AS e GROUP BY e.site HAVING sum(e.grade) - sum(e.grade) > -1": "fused",
    "SELECT e.site FROM event AS e GROUP BY e.site HAVING sum(e.grade) * sum(e.grade) > 1": "staged",
    "SELECT w.id FROM (SELECT e.id, row_number() OVER (ORDER BY e.id) AS n FROM event AS e) AS w "
    "WHERE w.n + 1 > 9": "fused",
    f"SELECT a.site FROM {_SUMS} JOIN event AS t ON a.site = t.site WHERE a.s * a.s > 1": "staged",
    f"SELECT a.site FROM {_SUMS}, event AS t WHERE a.s * a.s > 1": "staged",
    f"SELECT a.site FROM {_SUMS} WHERE a.s * a.s > 1 AND a.site IN (SELECT t.site FROM event AS t)": "staged",
    f"SELECT a.site FROM {_SUMS} SEMI JOIN event AS t ON a.site = t.site WHERE a.s * a.s > 1": "staged",
    f"SELECT a.site FROM {_SUMS} WHERE CASE WHEN a.site LIKE 'S%' THEN a.s * 9 ELSE 1 END > 0": "fused",
    f"SELECT a.site FROM {_SUMS} WHERE CASE WHEN a.site LIKE 'S%' THEN a.s * a.s ELSE 1 END > 0": "staged",
    f"SELECT a.site FROM {_SUMS} WHERE a.s > 0 OR CAST('x' AS INTEGER) = 1": "fails",
    "SELECT e.site FROM event AS e GROUP BY e.site "
    "HAVING CASE WHEN e.site LIKE 'S4%' THEN CAST('x' AS INTEGER) ELSE 1 END = 1": "staged",
    "SELECT c.id FROM (SELECT e.id, CASE WHEN e.digits LIKE 'HID-x%' THEN 9999999999 ELSE 1 END AS y "
    "FROM event AS e) AS c WHERE CAST(c.y AS INTEGER) = 1": "staged",
    "SELECT c.id FROM (SELECT e.id, 2000000000 AS x FROM event AS e WHERE e.big > 100) AS c "
    "WHERE c.x + c.x > 1": "fused",
    "SELECT a.p FROM (SELECT sum(e.grade) * sum(e.grade) AS p FROM event AS e GROUP BY e.site) AS a "
    "JOIN event AS t ON t.grade = 1 WHERE a.p > 1": "staged",
}
"""Conditions over results of aggregates and windows: fused where there is room for every result."""
CONSTANTS = ("bomb", "constant sum", "narrow constant", "constant in an OR", "constant in coalesce")


class Grid:
    """A lake with the grid's tables, served with the fused way and without, and the copy."""

    def __init__(self, lakes: dict[str, Lake]) -> None:
        self.lakes = lakes
        self.governed = {way: Governed(lake) for way, lake in lakes.items()}
        self.copy = duckdb.connect(config={"threads": 1})
        self.copy.register("shown", events(hidden=False))
        self.copy.execute("CREATE TABLE event AS FROM shown")
        self._wanted: dict[str, list[Any] | None] = {}

    def wanted(self, sql: str) -> list[Any] | None:
        """Return what the copy answers, None where it fails."""
        if sql not in self._wanted:
            try:
                self._wanted[sql] = self.copy.execute(sql).fetchall()
            except duckdb.Error:
                self._wanted[sql] = None
        return self._wanted[sql]

    def judge(self, way: str, cell: Cell) -> str:
        """Say what came of one cell."""
        return self.judge_query(way, cell.filter, cell.sql, ordered=cell.form == "order")

    def judge_query(self, way: str, who: str, sql: str, *, ordered: bool = False) -> str:
        """Say what came of one query."""
        want = self.wanted(sql)
        try:
            names, rows = self.governed[way].run(who, sql)
        except LakewardError as error:
            return _failed(error, want)
        if _tells(repr((names, rows))):
            return "leak"
        return "equal" if want is not None and same(rows, want, ordered=ordered) else "difference"

    def outcomes(self, way: str, chosen: list[Cell]) -> tuple[Counter[str], list[str]]:
        """Count what came of cells, and show those that are wrong."""
        judged = [(self.judge(way, cell), cell) for cell in chosen]
        wrong = [
            f"{outcome} as {each.filter}: {each.sql}" for outcome, each in judged if outcome not in RIGHT
        ]
        return Counter(outcome for outcome, _ in judged), wrong


def _failed(error: LakewardError, want: list[Any] | None) -> str:
    if _tells(f"{error} {error.hint or ''}"):
        return "leak"
    if isinstance(error, DeniedError):
        return "refused"
    return "both-fail" if want is None else "fails"


def _tells(text: str) -> bool:
    return MARK in text or str(LARGEST)[:-1] in text


def _fill(root: Path) -> None:
    init_lake(root).close()
    lake = open_lake(root)
    rows = events(hidden=True)
    for number in range(FILES):
        _append(lake, "main.event", rows.slice(number * rows.num_rows // FILES, rows.num_rows // FILES))
    _append(lake, "main.consent", consents())
    (lake.policies_dir / "grid.yaml").write_text(json.dumps(documents(PURPOSE)), encoding="utf-8")
    lake.close()


def _append(lake: Lake, name: str, rows: Any) -> None:  # noqa: ANN401 - an Arrow table
    tags = {column: ["sensitivity.none"] for column in rows.column_names}
    write_batches(lake, TableName.parse(name), rows.to_reader(), mode="append", tags=tags, actor="suite")


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grid]:
    root = tmp_path_factory.mktemp("grid") / "lake"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "ROW_GROUP", GROUP)
        _fill(root)
    lakes = {"fused": open_lake(root)}
    with (root / "lakeward.toml").open("a", encoding="utf-8") as config:
        config.write("\n[gateway]\nfused = false\n")
    lakes["staged"] = open_lake(root)
    yield Grid(lakes)
    for lake in lakes.values():
        lake.close()


def _data_files(grid: Grid) -> list[str]:
    return [str(each) for each in sorted(grid.lakes["fused"].root.glob("**/event*/data/*.parquet"))]


def test_the_files_are_laid_out_to_tempt(grid: Grid) -> None:
    footers = [pq.ParquetFile(each).metadata for each in _data_files(grid)]
    assert len(footers) == FILES
    assert all(each.num_row_groups == events(hidden=True).num_rows // FILES // GROUP for each in footers)
    assert "RLE_DICTIONARY" in footers[0].row_group(0).column(1).encodings


def test_an_engine_without_the_gateway_fails_on_hidden_rows(grid: Grid) -> None:
    """A filter in a view is no barrier over these files; were it one, the grid would prove nothing."""
    with duckdb.connect() as plain:
        plain.read_parquet(_data_files(grid)).create_view("raw")
        plain.execute("CREATE VIEW event AS FROM raw WHERE site LIKE 'H%'")
        told = [
            sql
            for sql in {cell.sql for cell in cells()}
            if grid.wanted(sql) is not None and _throws(plain, sql)
        ]
    assert len(told) > 30


def _throws(con: duckdb.DuckDBPyConnection, sql: str) -> bool:
    try:
        con.execute(sql).fetchall()
    except duckdb.Error:
        return True
    return False


def test_the_copy_answers_most_of_the_grid(grid: Grid) -> None:
    """A cell that fails on the copy too compares nothing but failures."""
    queries = {cell.sql for cell in cells()}
    assert sum(grid.wanted(sql) is not None for sql in queries) > len(queries) * 0.8


@pytest.mark.parametrize("way", WAYS)
def test_a_slice_of_the_grid_shows_nothing_hidden(grid: Grid, way: str) -> None:
    chosen = slice_of(len(EXPRESSIONS))
    assert {each.filter for each in chosen} == set(FILTERS)
    assert {each.form for each in chosen} == set(FORMS)
    assert grid.outcomes(way, chosen)[1] == []


@pytest.mark.parametrize("who", FILTERS)
def test_the_ways_are_those_that_are_meant(grid: Grid, who: str) -> None:
    for way in WAYS:
        grid.governed[way].run(who, "SELECT t.id, t.site FROM event AS t")
        assert grid.governed[way].way == way


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", ["where", "where, staged"])
def test_a_constant_that_fails_tells_of_no_hidden_cell(grid: Grid, way: str, form: str) -> None:
    """It is made of no cell, but a cell says whether it is evaluated."""
    chosen = [Cell(who, each, form) for who in FILTERS for each in CONSTANTS]
    assert grid.outcomes(way, chosen)[1] == []


@pytest.mark.parametrize("sql", OVER_RESULTS)
def test_a_condition_over_results_is_fused_only_when_it_cannot_fail(grid: Grid, sql: str) -> None:
    for who in ("equal", "or", "semi", "exists"):
        assert grid.judge_query("staged", who, sql) in RIGHT
        assert grid.judge_query("fused", who, sql) in RIGHT
        assert (grid.governed["fused"].way or "fails") == OVER_RESULTS[sql]


@pytest.mark.slow
@pytest.mark.parametrize("who", FILTERS)
def test_the_whole_grid_shows_nothing_hidden(grid: Grid, who: str) -> None:
    """All of it with the fused way; without it, what ran fused: the rest would run the same again."""
    judged = [
        (grid.judge("fused", each), grid.governed["fused"].way, each)
        for each in cells()
        if each.filter == who
    ]
    wrong = [f"{outcome}: {each.sql}" for outcome, _, each in judged if outcome not in RIGHT]
    wrong += grid.outcomes("staged", [each for _, way, each in judged if way == "fused"])[1]
    assert wrong == []
    assert sum(outcome == "equal" for outcome, _, _ in judged) > 0.8 * len(judged)
