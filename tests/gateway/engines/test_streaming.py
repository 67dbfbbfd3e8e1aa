"""Rows that stream through a bench while its query runs: as if they had been laid, or an error."""

import os
import signal
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.engines.duckdb.bench import Bench
from lakeward.gateway.engines.duckdb.scan import local_path
from lakeward.gateway.engines.workers.engine import WorkerEngine
from lakeward.gateway.errors import FailedStatementError, ReadFailedError, WorkerLostError
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.policies.rewrite.resolve import Names

POLICY = """
version: 1
roles: {researcher: {members: [ada]}}
purposes: [research]
grants:
  - {id: all, to: [researcher], tables: ["clinic.*"], rows: "n % 2 = 0",
     columns: [{tags: ["*"], mask: clear}]}
"""
ROWS = 1_000_000
SAME = "list_transform([n], lambda x: x)[1]"
STREAMS = f"SELECT {SAME} AS n FROM clinic.visit"


def fill(lake: Lake, name: TableName, first: int, last: int, mode: str) -> None:
    """Write numbers and texts into a table, in a file of their own."""
    rows = pa.table({"n": range(first, last), "s": [f"text {n % 10}" for n in range(first, last)]})
    tags = {"n": ["sensitivity.none"], "s": ["sensitivity.none"]}
    write_batches(lake, name, rows.to_reader(), mode=mode, tags=tags, actor="test")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Visits, and a table of which the second file cannot be read."""
    made = init_lake(tmp_path_factory.mktemp("streaming") / "lake")
    fill(made, TableName("clinic", "visit"), 0, ROWS, "create")
    kinds = _kinds()
    tags = {each: ["sensitivity.none"] for each in kinds.column_names}
    write_batches(
        made, TableName("clinic", "kinds"), kinds.to_reader(), mode="create", tags=tags, actor="test"
    )
    broken = TableName("clinic", "broken")
    fill(made, broken, 0, 300_000, "create")
    before = set(_data_files(made, broken))
    fill(made, broken, 300_000, 600_000, "append")
    [second] = set(_data_files(made, broken)) - before
    content = bytearray(second.read_bytes())
    content[100 : len(content) - 2_000] = b"\xff" * (len(content) - 2_100)
    second.write_bytes(content)
    (made.root / "policies" / "clinic.yaml").write_text(POLICY, encoding="utf-8")
    return made


def _kinds() -> pa.Table:
    """Two times five rows of every type whose form differs between a reader and a client."""
    number = [None, "-999.9", "0.0", "1.5", "999.9"] * 2
    decimals = [None if each is None else Decimal(each) for each in number]
    columns = {
        f"d{digits}": pa.array(decimals).cast(pa.decimal128(digits, 1)) for digits in (4, 9, 10, 18, 19, 38)
    }
    raw = [None, b"", b"short", b"\x00\xff" * 40, b"long" * 1_000] * 2
    nested = [None, [], [None], [Decimal("1.5"), None], [Decimal("-999.9")]] * 2
    columns |= {
        "n": pa.array(range(10)),
        "b": pa.array(raw, pa.binary()),
        "s": pa.array([each and each.hex() for each in raw]),
        "l": pa.array(nested, pa.list_(pa.decimal128(4, 1))),
        "st": pa.array([{"x": each} for each in decimals], pa.struct([("x", pa.decimal128(9, 2))])),
    }
    return pa.table(columns)


def _data_files(lake: Lake, name: TableName) -> list[Path]:
    return list(Path(local_path(lake.pin(name).location)).rglob("*.parquet"))


@pytest.fixture(scope="module", params=["process", "workers"])
def gateway(lake: Lake, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """A gateway with each of the engines."""
    with open_gateway(lake, workers=request.param == "workers") as opened:
        yield opened


def ask(gateway: Gateway, sql: str) -> pa.Table:
    """What ada gets, staged."""
    answer = gateway.execute(gateway.session("ada", "research"), sql)
    assert answer.way == "staged"
    return answer.table()


def outcome(gateway: Gateway) -> object:
    """How the last statement ended."""
    return next(
        each.details["outcome"]
        for each in gateway.lake.audit.records(limit=5)
        if each.kind == "query.finished"
    )


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT {{what}} FROM clinic.visit{{more}} WHERE {SAME} < 1000 ORDER BY 1",
        f"SELECT s, count(*) AS c, sum({SAME}) AS m, min(n) FROM clinic.visit{{more}} GROUP BY s ORDER BY s",
        f"SELECT count(*) AS c FROM clinic.visit{{more}} WHERE {SAME} IS NOT NULL",
        f"SELECT DISTINCT s FROM clinic.visit{{more}} WHERE {SAME} > 5 ORDER BY ALL",
        f"SELECT s, {SAME} AS m FROM clinic.visit{{more}} WHERE n < 99 ORDER BY n DESC",
        f"SELECT visit FROM clinic.visit{{more}} WHERE {SAME} BETWEEN 10 AND 20 ORDER BY n",
    ],
)
def test_streamed_is_what_laid_would_be(gateway: Gateway, sql: str) -> None:
    what = "n, s"
    streamed = ask(gateway, sql.format(what=what, more=""))
    laid = ask(gateway, sql.format(what=what, more=", (SELECT 1 AS one)"))
    assert streamed.equals(laid)
    assert len(streamed) > 0


def test_every_type_comes_out_of_a_bench_as_from_a_reader(gateway: Gateway) -> None:
    made = gateway.execute(gateway.session("ada", "research"), "SELECT * FROM clinic.kinds ORDER BY n")
    fused = made.table()
    assert made.way == "fused"
    order = f"ORDER BY n + {SAME}"
    for sql in (f"SELECT * FROM clinic.kinds {order}", f"SELECT * FROM clinic.kinds {order} LIMIT 9"):
        assert ask(gateway, sql).equals(fused)
    assert fused.schema.field("d4").type == pa.decimal128(4, 1)
    assert len(fused) == 5


def test_a_bench_that_has_enough_leaves_the_reader_as_it_was(gateway: Gateway) -> None:
    for sql in (STREAMS + " WHERE false", STREAMS + " LIMIT 0"):
        ask(gateway, sql)
        readers = _readers(gateway)
        for _ in range(5):
            assert len(ask(gateway, sql)) == 0
            assert outcome(gateway) == "complete"
        assert _readers(gateway) == readers
    assert len(ask(gateway, STREAMS)) == ROWS // 2


@pytest.mark.parametrize("n", [0, ROWS - 2])
def test_a_row_that_fails_is_met_wherever_it_is(gateway: Gateway, n: int) -> None:
    fails = f"CASE WHEN {SAME} = {n} THEN CAST('x' || s AS INTEGER) END"
    for sql in (
        f"SELECT {fails} AS f FROM clinic.visit",
        f"SELECT max({fails}) AS f FROM clinic.visit",
        f"SELECT n FROM clinic.visit WHERE {fails} IS NULL",
        f"SELECT s, count(*) AS c FROM clinic.visit GROUP BY s, {fails}",
    ):
        with pytest.raises(FailedStatementError):
            ask(gateway, sql)
        assert outcome(gateway) == "failed"


def test_the_plan_of_a_bench_that_draws_hangs_on_no_row(lake: Lake) -> None:
    name = TableName("clinic", "visit")
    query = (
        f"SELECT s, count(*) AS c FROM clinic.visit WHERE {SAME} > 3 AND s LIKE '%1' GROUP BY s ORDER BY c"
    )
    plans = set()
    for count in (0, 1, 100_000):
        bench = Bench(Names(lake="lake", default_namespace="clinic"), memory_limit="1GB", threads=2)
        rows = pa.table({"n": range(count), "s": [f"text {n}" for n in range(count)]})
        rows = rows.cast(pa.schema([("n", pa.int64()), ("s", pa.string())]))
        bench.draw(name, lake.pin(name).columns, rows.to_reader())
        plans.add(str(bench.connection.execute(f"EXPLAIN {query}").fetchall()))
        bench.close()
    assert len(plans) == 1


def test_a_closed_answer_leaves_the_reader_as_it_was(gateway: Gateway) -> None:
    ask(gateway, STREAMS)
    readers = _readers(gateway)
    for _ in range(3):
        answer = gateway.execute(gateway.session("ada", "research"), STREAMS)
        next(answer.batches)
        started = time.monotonic()
        answer.close()
        assert time.monotonic() - started < 5
        assert outcome(gateway) == "stopped"
    assert _readers(gateway) == readers


def _readers(gateway: Gateway) -> set[int]:
    if not isinstance(gateway.engine, WorkerEngine):
        return set()
    return {each.worker.pid for each in gateway.engine._readers._idle}


def test_a_fault_of_the_bench_is_the_statements(gateway: Gateway) -> None:
    for _ in range(3):
        with pytest.raises(FailedStatementError):
            ask(gateway, "SELECT CAST(list_transform([s], lambda x: x)[1] AS INTEGER) AS n FROM clinic.visit")
    assert len(ask(gateway, STREAMS)) == ROWS // 2


def test_a_fault_of_the_reader_is_never_an_end_of_rows(gateway: Gateway) -> None:
    for sql in (
        f"SELECT {SAME} AS n FROM clinic.broken",
        f"SELECT count({SAME}) AS c FROM clinic.broken",
        f"SELECT {SAME} AS n FROM clinic.broken, (SELECT 1)",
    ):
        with pytest.raises(ReadFailedError):
            ask(gateway, sql)
        assert outcome(gateway) == "read-failed"


def test_a_reader_that_dies_is_never_an_end_of_rows(gateway: Gateway) -> None:
    if not isinstance(gateway.engine, WorkerEngine):
        pytest.skip("no worker, no death")
    assert len(ask(gateway, STREAMS)) == ROWS // 2
    [reader] = _readers(gateway)
    answer = gateway.execute(
        gateway.session("ada", "research"), f"SELECT repeat(s, 1 + {SAME} % 50) FROM clinic.visit"
    )
    next(answer.batches)
    os.kill(reader, signal.SIGKILL)
    with pytest.raises(WorkerLostError):
        answer.table()
    assert outcome(gateway) == "worker-lost"
    assert len(ask(gateway, STREAMS)) == ROWS // 2


def test_a_second_reading_is_an_error(lake: Lake) -> None:
    name = TableName("clinic", "visit")
    columns = lake.pin(name).columns
    bench = Bench(Names(lake="lake", default_namespace="clinic"), memory_limit="1GB", threads=2)
    bench.draw(name, columns, pa.table({"n": [1, 2], "s": ["a", "b"]}).to_reader())
    assert bench.texts("SELECT s FROM clinic.visit ORDER BY n") == ["a", "b"]
    with pytest.raises(Exception, match="already been consumed"):
        bench.texts("SELECT s FROM clinic.visit")
    bench.close()
