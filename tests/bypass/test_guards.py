"""A guard before times that the calendar may not have: the same within it, and never a failure."""

from collections.abc import Iterator
from itertools import product

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp, parse_one
from tests.bypass.test_dictionaries import engines, told_apart
from tests.bypass.test_proven_never_fails import proven
from tests.bypass.test_random_failures import proven as proven_of_events

from lakeward.policies.rewrite.fuse import guards, times

__all__ = ["engines"]

FIRST = -9_223_372_022_400_000_000
"""The first moment of the calendar, in microseconds."""
MONTH = 864_000_000_000
MOMENTS = (
    *(
        2 - 2**63,
        1 - 2**63,
        FIRST - 1,
        FIRST,
        FIRST + 1,
        FIRST + MONTH - 1,
        FIRST + MONTH,
        FIRST + 400 * MONTH,
    ),
    *(-1, 0, 1_769_853_600_000_000, 2**63 - 2, 2**63 - 1, None),
)
DAYS = (
    *(2 - 2**31, 1 - 2**31, 2**31 - 2, 2**31 - 1, -719_528, 0, 20_484, 106_751_990, 106_751_991, 106_751_992),
    *(-106_751_990, -106_751_991, -106_751_992, -106_751_982, -106_751_981, -106_751_980, None),
    *(106_752_012, 106_752_013, 106_752_071, 106_752_072, 106_752_346, 106_752_347),
)
ROWS = 30
UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
ASKED = (
    *(f"date_trunc('{unit}', {column})" for unit, column in product(UNITS, ("moment", "day"))),
    *("strftime(moment, '%Y-%m %j')", "strftime(day, '%Y-%m')"),
    "cast_to_type(date_trunc('month', day), day)",
    "cast_to_type(date_trunc('month', moment), moment)",
)
SHAPES = (
    "SELECT {0} AS x FROM event AS t",
    "SELECT max({0}) AS x FROM event AS t WHERE t.id < 9",
    "SELECT count(*) AS x FROM event AS t GROUP BY {0}",
    "SELECT 1 AS x FROM event AS t WHERE {0} > {0} OR t.grade = 1",
    "SELECT q.x FROM (SELECT {0} AS x FROM event AS t LIMIT 9) AS q ORDER BY q.x",
    "SELECT count(DISTINCT {0}) AS x FROM event AS t HAVING max({0}) IS NOT NULL",
)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    moments = pa.array([*MOMENTS, *[None] * (ROWS - len(MOMENTS))], pa.int64()).view(pa.timestamp("us"))
    days = pa.array([*DAYS, *[None] * (ROWS - len(DAYS))], pa.int32()).view(pa.date32())
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.register("cells", pa.table({"moment": moments, "day": days, "small": range(ROWS)}))
        opened.execute("CREATE TABLE t AS FROM cells")
        yield opened


def by_cell(engine: duckdb.DuckDBPyConnection, sql: str) -> list[object]:
    """What a statement gives of each cell alone, as a text, or that it fails."""
    found: list[object] = []
    for number in range(ROWS):
        try:
            asked = f"SELECT CAST(x AS TEXT) AS x FROM ({sql} WHERE small = {number})"
            found.append(engine.execute(asked).fetchall())
        except duckdb.ConversionException:
            found.append("failed")
    return found


def unlike(engine: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what is not answered as it was before the guard, or fails."""
    found = []
    for asked in ASKED:
        sql = f"SELECT {asked} AS x FROM t"
        rewritten = proven(sql)
        assert rewritten
        before, after = by_cell(engine, sql), by_cell(engine, rewritten)
        infinite = {str([("-infinity",)]), str([("infinity",)])}
        pairs = zip(before, after, strict=True)
        if not all(b == a if b != "failed" else str(a) in infinite for b, a in pairs):
            found.append(asked)
    return found


def test_a_guard_changes_no_answer_and_lets_nothing_fail(engine: duckdb.DuckDBPyConnection) -> None:
    assert unlike(engine) == []


@pytest.mark.parametrize("asked", [each for each in ASKED if each != "strftime(day, '%Y-%m')"])
def test_the_guarded_branch_fails_on_no_cell_either(engine: duckdb.DuckDBPyConnection, asked: str) -> None:
    """The engine may evaluate it where the condition does not hold."""
    tree = parse_one(str(proven(f"SELECT {asked} AS x FROM t")), dialect="duckdb")
    guarded = tree.find(exp.Case)
    assert guarded
    guarded.replace(guarded.args["ifs"][0].args["true"])
    assert "failed" not in by_cell(engine, tree.sql("duckdb"))


CARELESS: dict[str, tuple[str, object]] = {
    "a month that has no beginning": ("FIRST_MONTH", guards.FIRST_MOMENT),
    "a month too many": ("FIRST_MOMENT", guards.FIRST_MONTH),
    "a day too many": ("LAST_DAY", "294247-01-11"),
    "a day too few": ("LAST_DAY", "294247-01-09"),
    "a last month too many": ("LAST_DAYS", guards.LAST_DAYS | {"MONTH": "294247-02-01"}),
    "a last quarter too many": ("LAST_DAYS", guards.LAST_DAYS | {"QUARTER": "294247-04-01"}),
    "a last year too many": ("LAST_DAYS", guards.LAST_DAYS | {"YEAR": "294248-01-01"}),
}


@pytest.mark.parametrize("name", CARELESS)
def test_another_end_of_the_calendar_is_found(
    engine: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(times, *CARELESS[name])
    assert unlike(engine)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_bound_or_entry_of_a_file_tells(engines: dict[str, duckdb.DuckDBPyConnection], shape: str) -> None:
    for asked in ASKED:
        rewritten = proven_of_events(shape.format(asked), where_it_is_sure=True)
        assert rewritten
        assert told_apart(engines, rewritten) is None


def _no_guard(node: exp.Column, **_ends: object) -> exp.Expr:
    return node


def test_without_a_guard_a_file_tells(
    engines: dict[str, duckdb.DuckDBPyConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times, "guard", _no_guard)
    statements = (shape.format(asked) for shape, asked in product(SHAPES, ASKED))
    found = (sql for each in statements if (sql := proven_of_events(each, where_it_is_sure=True)))
    assert any(told_apart(engines, sql) for sql in found)
