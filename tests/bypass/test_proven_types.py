"""The other law of the no-throw list: what a proof says of a value is so in every cell, and in its type.

A proof builds on what it knows of the parts: of a truth that the engine takes for a text, or of a number of
more digits than it counted with, nothing that it concludes holds.
"""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp
from tests.bypass.extreme_cells import extreme_engine
from tests.bypass.random_nesting import Queries
from tests.bypass.test_proven_never_fails import PLANNED, TABLE

from lakeward.catalog.errors import LakewardError
from lakeward.policies.admit import admit
from lakeward.policies.rewrite.fuse import NotProvenError, functions
from lakeward.policies.rewrite.fuse.fold_dates import fold_dates
from lakeward.policies.rewrite.fuse.kinds import INT32_WIDTH, INT64_WIDTH, INT128_WIDTH, Kind, Value
from lakeward.policies.rewrite.fuse.prove import Prover
from lakeward.policies.rewrite.fuse.scope import Scope

PLAIN: Final = {
    Kind.BOOLEAN: {"BOOLEAN"},
    Kind.STRING: {"VARCHAR"},
    Kind.DATE: {"DATE"},
    Kind.TIMESTAMP: {"TIMESTAMP"},
    Kind.TIMESTAMPTZ: {"TIMESTAMP WITH TIME ZONE"},
    Kind.DOUBLE: {"DOUBLE", "FLOAT"},
    Kind.INTERVAL: {"INTERVAL"},
}
WIDTHS: Final = {"INTEGER": INT32_WIDTH, "BIGINT": INT64_WIDTH, "HUGEINT": INT128_WIDTH}


def fault(said: Value, is_: str, cells: pa.ChunkedArray) -> str | None:
    """Return what is wrong with what was said of a column, if it has a cell at all."""
    is_null = cells.null_count == len(cells) and is_ in WIDTHS  # NULL is of every type
    if is_null or said.kind is Kind.OTHER:
        return None
    if said.kind in PLAIN:
        return None if is_ in PLAIN[said.kind] else f"{said.kind} is {is_}"
    if said.kind is Kind.INTEGER and said.width > WIDTHS.get(is_, 0):
        return f"an integer of width {said.width} is {is_}"
    if said.kind is Kind.DECIMAL and not is_.endswith(f",{said.scale})"):
        return f"a decimal of scale {said.scale} is {is_}"
    most = max((abs(int(each)) for each in cells.to_pylist() if each is not None), default=0)
    return f"{said.digits} digits: {most}" if most >= 10**said.digits else None


def faults(engine: duckdb.DuckDBPyConnection, seed: int, count: int) -> tuple[int, list[str]]:
    """Draw queries; return how many columns were looked at, and what is wrong of which query."""
    queries = Queries(random.Random(seed))  # noqa: S311  the same draws each time
    looked, found = 0, []
    for _ in range(count):
        sql, said = proven(queries.query())
        try:
            relation = engine.sql(sql) if said else None
            cells = relation.to_arrow_table().columns if relation is not None else []
        except PLANNED:  # at times only where it runs
            continue
        if relation is None:
            continue
        types = [str(each) for each in relation.types]
        looked += len(types)
        wrong = [fault(*each) for each in zip(said, types, cells, strict=True)]
        found += [f"{sql}\n  {each}" for each in wrong if each]
    return looked, found


def proven(sql: str) -> tuple[str, list[Value]]:
    """Return the statement that would run, and what is said of its columns: nothing without a proof."""
    try:
        tree = admit(sql)
        fold_dates(tree)
        tables = {id(each): TABLE.visible_columns for each in tree.find_all(exp.Table) if each.name}
        said = Prover(tables=tables, may_rewrite=True).query(tree, Scope(ctes={}))
    except (LakewardError, NotProvenError):
        return sql, []
    return tree.sql("duckdb"), list(said.values())


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with extreme_engine() as opened:
        yield opened


def test_what_is_said_of_a_value_is_so(engine: duckdb.DuckDBPyConnection) -> None:
    looked, found = faults(engine, seed=1, count=1_500)
    assert looked > 300
    assert not found, "\n".join(found[:5])


def test_a_default_counts_as_what_it_stands_for_does(engine: duckdb.DuckDBPyConnection) -> None:
    sql, (value,) = proven("SELECT lead(length(text), 1, 999999999999999999) OVER () AS x FROM t")
    cells = engine.sql(sql).to_arrow_table().columns[0]
    assert max(each for each in cells.to_pylist() if each is not None) == 999_999_999_999_999_999
    assert fault(value, "BIGINT", cells) is None


@pytest.mark.slow
def test_it_is_so_of_many(engine: duckdb.DuckDBPyConnection) -> None:
    _, found = faults(engine, seed=2, count=12_000)
    assert not found, "\n".join(found[:5])


@pytest.mark.slow
def test_a_wrong_word_is_found(engine: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(functions.FUNCTIONS, exp.CumeDist, functions._ranking)
    assert faults(engine, seed=3, count=6_000)[1]


def test_digits_are_counted() -> None:
    price = pa.chunked_array([pa.array([Decimal("100.25")])])
    assert fault(Value(Kind.DECIMAL, digits=2, scale=2), "DECIMAL(5,2)", price)
    assert fault(Value(Kind.DECIMAL, digits=3, scale=2), "DECIMAL(5,2)", price) is None
