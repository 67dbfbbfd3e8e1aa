"""The engine's own word on the casts that it puts in: what counts as total is, and what may fail is seen."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp, parse_one
from tests.bypass.extreme_cells import extreme_engine

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.policies.admit import admit
from lakeward.policies.rewrite.fuse import NotProvenError, expressions
from lakeward.policies.rewrite.fuse.ask_engine import require_harmless_plan
from lakeward.policies.rewrite.fuse.bound_casts import is_total
from lakeward.policies.rewrite.fuse.bound_plan import BoundType, read_plan
from lakeward.policies.rewrite.fuse.kinds import Kind, Value
from lakeward.policies.rewrite.fuse.prove import Prover

TARGETS = [
    "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL(4, 1)", "DECIMAL(7, 0)", "DECIMAL(9, 2)",
    "DECIMAL(18, 4)", "DECIMAL(21, 2)", "DECIMAL(38, 0)", "DECIMAL(38, 30)", "VARCHAR", "DATE", "TIMESTAMP",
    "TIMESTAMPTZ", "BLOB", "VARCHAR[]", "TIMESTAMP[]", "STRUCT(street VARCHAR, unit BIGINT)",
    "STRUCT(since TIMESTAMP)",
]  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with extreme_engine() as opened:
        power = "power(2::DOUBLE, [7, 8, 15, 16, 31, 32, 63, 64, 126, 127][place % 10 + 1])"
        large = f"CAST({power} AS UHUGEINT) - (place // 10 % 2)::UHUGEINT"
        whole = ", ".join(f"TRY_CAST({large} AS {each}) AS as_{each.lower()}" for each in TARGETS[1:11])
        opened.execute(
            f"CREATE OR REPLACE TABLE t AS SELECT * EXCLUDE (place), {whole} FROM "
            "(SELECT *, row_number() OVER () AS place FROM cells)"
        )
        opened.execute("UPDATE t SET as_hugeint = least(as_hugeint, 10::HUGEINT**28 - 1)")  # only sums are
        yield opened


@pytest.mark.parametrize("target", TARGETS)
def test_what_counts_as_total_fails_on_no_cell(engine: duckdb.DuckDBPyConnection, target: str) -> None:
    columns = [str(each[0]) for each in engine.execute("DESCRIBE t").fetchall()]
    total = [each for each in columns if counts_as_total(engine, f"CAST({each} AS {target})")]
    assert total
    for each in total:
        engine.execute(f"CREATE OR REPLACE TEMP TABLE made AS SELECT CAST({each} AS {target}) AS x FROM t")


def test_every_type_of_integers_has_its_greatest(engine: duckdb.DuckDBPyConnection) -> None:
    greatest = engine.execute("SELECT max(as_utinyint), max(as_bigint), max(as_ubigint) FROM t").fetchone()
    assert greatest == (255, 2**63 - 1, 2**64 - 1)


def test_a_part_more_or_less_is_another_type() -> None:
    one, two = (BoundType("STRUCT", parts=(BoundType("DATE"),) * each) for each in (1, 2))
    assert not is_total(one, two)
    assert not is_total(two, one)
    assert is_total(two, BoundType("STRUCT", parts=(BoundType("DATE"),) * 2))


def counts_as_total(engine: duckdb.DuckDBPyConnection, cast: str) -> bool:
    row = engine.execute("SELECT json_serialize_plan($1)", [f"SELECT {cast} FROM t"]).fetchone()
    assert row is not None
    try:
        return all(is_total(*each) for each in read_plan(row[0]).casts)
    except NotProvenError:
        return False  # there is no such cast


@pytest.mark.parametrize(
    ("sql", "is_fine"),
    [
        ("SELECT a = 1 FROM t", True),
        ("SELECT a = 1.5 FROM t", True),
        ("SELECT s = 'x' AND d = DATE '2026-01-31' FROM t", True),
        ("SELECT TRY_CAST(s AS INT) FROM t", True),
        ("SELECT TRY_CAST(i AS TIMESTAMP) FROM t", False),
        ("SELECT s = a FROM t", False),
        ("SELECT s IS TRUE FROM t", False),
        ("SELECT d = ts FROM t", False),
        ("SELECT 1 FROM t WHERE s", False),
        ("SELECT a FROM t UNION ALL SELECT s FROM t", True),
        ("SELECT CASE WHEN a > 1 THEN whole ELSE fine END FROM t", True),
        ("SELECT 1 FROM t JOIN (SELECT s AS a FROM t) AS u USING (a)", False),
        ("SELECT nothing FROM t", False),
        ("SELECT CAST(s AS INT) FROM t", False),
    ],
)
def test_a_cast_of_the_engines_own_is_seen(sql: str, *, is_fine: bool) -> None:
    empty = (
        "(SELECT NULL::INT AS a, NULL::TEXT AS s, NULL::DATE AS d, NULL::TIMESTAMP AS ts, "
        "NULL::TIMESTAMPTZ AS i, "
        "NULL::DECIMAL(38, 0) AS whole, NULL::DECIMAL(38, 30) AS fine)"
    )
    query = parse_one(sql.replace("FROM t", f"FROM {empty} AS t"), dialect="duckdb")
    assert isinstance(query, exp.Query)
    parser = Parser()
    if is_fine:
        require_harmless_plan(query, parser.bind)
    else:
        with pytest.raises(NotProvenError):
            require_harmless_plan(query, parser.bind)
    parser.close()


def test_a_cast_that_tells_nothing_is_allowed_for() -> None:
    query = parse_one("SELECT CAST(s AS INT) FROM (SELECT NULL::TEXT AS s) AS t", dialect="duckdb")
    assert isinstance(query, exp.Query)
    parser = Parser()
    require_harmless_plan(query, parser.bind, casts_may_fail=1)
    with pytest.raises(NotProvenError):
        require_harmless_plan(query, parser.bind, calls_may_fail=1)
    parser.close()


@pytest.mark.parametrize(("asked", "is_fine"), [("x", True), ("x, x", False), ("x, y", False), ("y", False)])
def test_a_cast_whose_digits_were_counted_is_allowed_for_once(asked: str, *, is_fine: bool) -> None:
    """And only between the types that the rules have counted for."""
    casts = ", ".join(f"CAST({each} AS DECIMAL(38, 4))" for each in asked.split(", "))
    empty = "(SELECT NULL::DECIMAL(38, 2) AS x, NULL::DECIMAL(38, 3) AS y) AS t"
    query = parse_one(f"SELECT {casts} FROM {empty}", dialect="duckdb")
    assert isinstance(query, exp.Query)
    counted = [(BoundType("DECIMAL", 38, 2), BoundType("DECIMAL", 38, 4))]
    parser = Parser()
    if is_fine:
        require_harmless_plan(query, parser.bind, counted=counted)
    else:
        with pytest.raises(NotProvenError):
            require_harmless_plan(query, parser.bind, counted=counted)
    parser.close()


@pytest.mark.parametrize(("cast", "counted"), [("CAST", 1), ("TRY_CAST", 0)])
def test_a_cast_that_is_tried_allows_for_no_other(cast: str, counted: int) -> None:
    prover = Prover(tables={})
    prover.prove(admit(f"SELECT {cast}(EXTRACT(dow FROM DATE '2024-01-31') AS INT) AS x"))
    assert len(prover.counted) == counted


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    lake = init_lake(tmp_path / "lake")
    table = pa.table({"n": pa.array([1, 2], pa.int64()), "code": ["7", "x"]})
    tags = {each: ["sensitivity.none"] for each in table.column_names}
    write_batches(
        lake, TableName("clinic", "visit"), table.to_reader(), mode="create", tags=tags, actor="test"
    )
    (lake.policies_dir / "clinic.yaml").write_text(
        "version: 1\nroles: {r: {members: [ada]}}\npurposes: [research]\ngrants:\n"
        "  - {id: g, to: [r], tables: [clinic.visit], rows: 'n = 1',\n"
        "     columns: [{tags: [sensitivity.none], mask: clear}]}\n",
        encoding="utf-8",
    )
    with open_gateway(lake) as opened:
        yield opened


@pytest.mark.parametrize(
    ("condition", "made"), [("code = 7", "VARCHAR to INTEGER"), ("abs(n) = 1", "abs(BIGINT)")]
)
def test_a_wrong_rule_is_stopped_by_the_engines_word(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, condition: str, made: str
) -> None:
    sql = f"SELECT n FROM clinic.visit WHERE n = 1 AND {condition}"
    monkeypatch.setitem(expressions._OPERATORS, exp.EQ, lambda _node, _place: Value(Kind.BOOLEAN))
    monkeypatch.setattr("lakeward.policies.rewrite.fuse.prove.Prover._leave_out_nothing", lambda *_: None)
    ada = gateway.session("ada", "research")
    told = gateway.explain(ada, sql)
    assert (told.way, made in str(told.why_staged)) == ("staged", True)
    assert gateway.execute(ada, sql).table()["n"].to_pylist() == [1]


def test_what_the_engine_does_not_bind_is_not_proven() -> None:
    with pytest.raises(NotProvenError):
        read_plan('{"error": true}')
