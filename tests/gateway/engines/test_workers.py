"""Worker processes: what they can reach, what their death costs, what the gateway believes of them."""

import json
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.engines.duckdb.connect import locking
from lakeward.gateway.engines.duckdb.scan import local_path
from lakeward.gateway.engines.workers.engine import WorkerEngine
from lakeward.gateway.engines.workers.frames import (
    HEADER,
    MAX_FRAME,
    BrokenChannelError,
    Channel,
    Rows,
    WorkerError,
)
from lakeward.gateway.engines.workers.settings import size_bytes
from lakeward.gateway.engines.workers.spawn import Nursery, Worker
from lakeward.gateway.errors import LimitExceededError, StatementCancelledError, WorkerLostError
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.session import Limits

POLICY = """
version: 1
roles: {researcher: {members: [ada, bob]}}
purposes: [research]
grants:
  - id: research
    to: [researcher]
    tables: ["clinic.*"]
    columns: [{tags: [sensitivity.none], mask: clear}]
"""
VISIT, OTHER = TableName("clinic", "visit"), TableName("clinic", "other")
STAGED = "SELECT list_transform([n], lambda x: x)[1] AS n FROM clinic.visit"
HANGS = "SELECT count(*) FROM range(10000000000) a, range(10000) b"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Two tables of numbers, served by workers."""
    lake = init_lake(tmp_path_factory.mktemp("workers") / "lake")
    for name in (VISIT, OTHER):
        rows = pa.table({"n": range(300_000)}).to_reader()
        write_batches(lake, name, rows, mode="create", tags={"n": ["sensitivity.none"]}, actor="test")
    (lake.root / "policies" / "clinic.yaml").write_text(POLICY, encoding="utf-8")
    with open_gateway(lake, workers=True) as opened:
        yield opened


def engine_of(gateway: Gateway) -> WorkerEngine:
    """The engine, to look inside."""
    assert isinstance(gateway.engine, WorkerEngine)
    return gateway.engine


@pytest.fixture
def bench(gateway: Gateway) -> Iterator[Worker]:
    """A bench as it is before its engine is locked: what it cannot do, the process cannot."""
    worker = engine_of(gateway)._nursery.start("bench")
    yield worker
    worker.discard()


def said(worker: Worker, kind: bytes, order: object) -> bytes:
    """The letter of the first frame that answers an order."""
    worker.channel.send_json(kind, order)
    return worker.channel.receive()[0]


def rows(gateway: Gateway, sql: str, **limits: object) -> int:
    """How many rows ada gets."""
    session = gateway.session("ada", "research", limits=replace(Limits(), **limits))  # type: ignore[arg-type]
    return int(gateway.execute(session, sql).table().num_rows)


def confined() -> bool:
    """Whether this kernel takes files away from a process."""
    return os.path.exists("/proc/self/attr") and _landlock() > 0  # noqa: PTH110


def _landlock() -> int:
    import ctypes

    return int(ctypes.CDLL(None).syscall(444, None, 0, 1))


def test_a_bench_knows_nothing(bench: Worker, gateway: Gateway) -> None:
    assert said(bench, b"O", []) == b"K"
    process = Path(f"/proc/{bench.pid}")
    if not process.exists():
        pytest.skip("this system shows no processes as files")
    assert process.joinpath("environ").read_bytes() == b""
    assert list(process.joinpath("cwd").resolve().iterdir()) == []
    opened = {str(each.readlink()) for each in process.joinpath("fd").iterdir()}
    assert all(each.startswith(("/dev/null", "socket:", "anon_inode:", "pipe:")) for each in opened), opened
    limits = process.joinpath("limits").read_text("ascii")
    assert "Max core file size        0" in limits
    assert str(gateway.lake.root) not in process.joinpath("cmdline").read_text("utf-8")


@pytest.mark.skipif(not confined(), reason="this kernel has no Landlock")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_text('{lake}/lakeward.toml')",
        "COPY (SELECT 1) TO '{lake}/was-here'",
        "ATTACH '{lake}/governance.db' AS g (READ_ONLY)",
        "INSTALL httpfs",
    ],
)
def test_an_unlocked_bench_reaches_no_file_either(bench: Worker, gateway: Gateway, sql: str) -> None:
    bench.channel.send_json(b"Q", sql.replace("{lake}", str(gateway.lake.root)))
    frames = [bench.channel.receive()[0]]
    while frames[-1] not in {b"D", b"E"}:
        frames.append(bench.channel.receive()[0])
    assert frames[-1] == b"E" or b"B" not in frames
    assert not (gateway.lake.root / "was-here").exists()
    assert said(bench, b"Q", "SELECT 1 AS n") == b"S"


def test_who_waits_longest_for_a_reader_gets_it(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the reader comes back again and again, and others wait for it as well."""
    readers = engine_of(gateway)._readers
    monkeypatch.setattr(readers, "_most", 1)
    with readers._changed:
        readers._changed.wait_for(lambda: readers._idle and readers._count == len(readers._idle), 30)
        spare, readers._idle[:] = readers._idle[1:], readers._idle[:1]
    for reader in spare:
        readers.drop(reader)
    served: list[int] = []

    def ask(number: int) -> None:
        with readers.lease("line", lambda: None):
            served.append(number)

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    with readers.lease("line", lambda: None):
        for number, each in enumerate(asking):
            each.start()
            deadline = time.monotonic() + 10
            while len(readers._line) <= number and time.monotonic() < deadline:
                time.sleep(0.001)
    for each in asking:
        each.join(30)
    assert served == list(range(12))


@pytest.mark.skipif(not confined(), reason="this kernel has no Landlock")
def test_a_reader_reaches_tables_and_no_keys(gateway: Gateway) -> None:
    def outcome(sql: str, folders: tuple[Path, ...] | None) -> str:
        with engine_of(gateway)._readers.lease("probe" + str(folders), lambda: None) as lease:
            reader = lease.reader
            lock = [] if folders is None else locking("1GB", 1, reader.worker.spill, folders)
            order = {"sequence": reader.sequence, "key": "probe" + str(folders), "lock": lock}
            try:
                found = lease.rows({**order, "keys": {}, "sql": sql})
                count = sum(each.num_rows for each in found.batches())
            except WorkerError as error:
                return error.kind
            else:
                return f"{count} rows"

    lake: Lake = gateway.lake
    visit, other = lake.pin(VISIT), lake.pin(OTHER)
    folder = Path(local_path(visit.location))
    count = "SELECT n FROM iceberg_scan('{}') LIMIT 3"
    assert outcome(count.format(local_path(visit.metadata_location)), (folder,)) == "3 rows"
    assert "rows" not in outcome(count.format(local_path(other.metadata_location)), (folder,))
    secrets = [each for each in lake.root.rglob("*") if each.is_file() and "warehouse" not in each.parts]
    assert any("key" in str(each) for each in secrets)
    for each in secrets:
        assert "rows" not in outcome(f"SELECT * FROM read_blob('{each}')", None)


def test_a_reader_is_granted_nothing_above_the_warehouse(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = gateway.lake.root
    monkeypatch.syspath_prepend(str(root))  # as `python -m` does for the folder that it is started in
    nursery = Nursery(spill=tmp_path, warehouse=root / "warehouse", process_bytes=1, spill_bytes=1)
    granted = {Path(each) for each in nursery._readable["reader"]}
    nursery.close()
    assert root / "warehouse" in granted
    assert not granted & {root, *root.parents}


def test_the_death_of_a_worker_costs_its_statement_alone(gateway: Gateway) -> None:
    nursery = engine_of(gateway)._nursery
    for sql in (STAGED + ", range(1000)", "SELECT v.n FROM clinic.visit AS v, clinic.visit AS w"):
        session = gateway.session("ada", "research")
        answer = gateway.execute(session, sql)
        next(answer.batches)
        _kill(_children(nursery._process.pid if nursery._process else 0))
        with pytest.raises(WorkerLostError):
            answer.table()
        assert gateway.lake.audit.records(limit=1)[0].details["outcome"] == "worker-lost"
        assert rows(gateway, STAGED + " WHERE n < 5") == 5  # the idle ones died too, and cost nothing
        assert rows(gateway, "SELECT n FROM clinic.visit WHERE n < 5") == 5


def test_the_death_of_the_nursery_is_mended(gateway: Gateway) -> None:
    nursery = engine_of(gateway)._nursery
    assert rows(gateway, STAGED) == 300_000
    assert nursery._process is not None
    nursery._process.kill()
    nursery._process.wait()
    time.sleep(0.2)
    assert rows(gateway, STAGED) == 300_000
    assert rows(gateway, "SELECT n FROM clinic.visit WHERE n < 5") == 5


def test_a_worker_that_hangs_is_killed(gateway: Gateway) -> None:
    assert rows(gateway, STAGED + " WHERE n < 5") == 5  # workers stand: to start them takes time too
    nursery = engine_of(gateway)._nursery
    for sql in (STAGED + ", range(1000)", "SELECT v.n FROM clinic.visit AS v, clinic.visit AS w"):
        answer = gateway.execute(gateway.session("ada", "research", limits=Limits(seconds=2.0)), sql)
        next(answer.batches)
        stopped = _children(nursery._process.pid if nursery._process else 0)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        started = time.monotonic()
        try:
            with pytest.raises(LimitExceededError, match="time"):
                answer.table()
        finally:
            for pid in stopped:
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    continue
        assert time.monotonic() - started < 5
    assert rows(gateway, STAGED + " WHERE n < 5") == 5


def test_a_cancellation_ends_the_computation_at_once(gateway: Gateway) -> None:
    for sql in (HANGS, "SELECT count(*) FROM clinic.visit AS v, clinic.visit AS w, clinic.visit AS x"):
        ending = Cancellation()
        told: list[float] = []

        def run(sql: str = sql, ending: Cancellation = ending, told: list[float] = told) -> None:
            session = gateway.session("ada", "research")
            try:
                gateway.execute(session, sql, cancellation=ending).table()
            except StatementCancelledError:
                told.append(time.monotonic())

        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.5)
        started = time.monotonic()
        ending.cancel()
        thread.join(10)
        assert told
        assert told[0] - started < 1.0


def _children(parent: int) -> list[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii")
    return [int(each) for each in text.split()]


def _kill(processes: list[int]) -> None:
    """Kill processes and wait until they are gone: on a busy machine one may answer a while longer."""
    handles = [os.pidfd_open(each) for each in processes]
    for each in handles:
        signal.pidfd_send_signal(each, signal.SIGKILL)
    for each in handles:
        gone = select.poll()
        gone.register(each, select.POLLIN)
        assert gone.poll(10_000)
        os.close(each)


def _hostile(payload: bytes) -> Channel:
    """A channel at whose other end somebody has said `payload` and hung up."""
    ours, theirs = socket.socketpair()
    threading.Thread(target=lambda: (theirs.sendall(payload), theirs.close()), daemon=True).start()  # type: ignore[func-returns-value]
    return Channel(ours)


SCHEMA = pa.schema({"s": pa.string()})
BATCH = pa.record_batch([pa.array(["a", "bb"])], schema=SCHEMA)
_SCHEMA_FRAME = HEADER.pack(b"S", SCHEMA.serialize().size) + SCHEMA.serialize().to_pybytes()


def _with_bad_offsets() -> bytes:
    good = bytes(BATCH.serialize().to_pybytes())
    payload = good.replace(b"\0\0\0\0\1\0\0\0\3\0\0\0", b"\0\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f")
    assert payload != good
    return HEADER.pack(b"B", len(payload)) + payload


def _with_bad_text() -> bytes:
    bad = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    )
    payload = bytes(pa.record_batch([bad], schema=SCHEMA).serialize().to_pybytes())
    return HEADER.pack(b"B", len(payload)) + payload


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"S",
        HEADER.pack(b"S", MAX_FRAME + 1),
        HEADER.pack(b"S", 0),
        HEADER.pack(b"S", 64) + b"\xff" * 64,
        HEADER.pack(b"Z", 2) + b"{}",
        _SCHEMA_FRAME + HEADER.pack(b"B", 64) + b"\xff" * 64,
        _SCHEMA_FRAME + HEADER.pack(b"B", MAX_FRAME) + b"\0" * 10,
        _SCHEMA_FRAME + HEADER.pack(b"S", 0),
        _SCHEMA_FRAME + _with_bad_text(),
        _SCHEMA_FRAME + _with_bad_offsets(),
        _SCHEMA_FRAME,
    ],
)
def test_what_a_bench_may_not_say_is_not_believed(payload: bytes) -> None:
    channel = _hostile(payload)
    with pytest.raises(BrokenChannelError):
        list(Rows(channel).batches())
    channel.close()


def test_an_error_is_a_word_of_a_list() -> None:
    channel = _hostile(HEADER.pack(b"E", 9) + b"SECRET-42")
    with pytest.raises(WorkerError) as error:
        Rows(channel)
    from lakeward.gateway.engines.duckdb.faults import bench_fault, engine_error

    assert "SECRET" not in str(bench_fault(engine_error(error.value.kind), "id"))
    channel.close()


def test_values_of_a_pivot_are_texts_or_nothing() -> None:
    for said_by_bench in (b"[1]", b"{}", b"[[]]", json.dumps({"a": 1}).encode(), b"\xff", b"[" * 9999):
        channel = _hostile(HEADER.pack(b"V", len(said_by_bench)) + said_by_bench)
        worker = Worker(
            kind="bench", pid=0, channel=channel, control=channel.sock, spill=Path("none"), handle=None
        )
        from lakeward.gateway.engines.workers.engine import _texts

        with pytest.raises(BrokenChannelError):
            _texts(worker, "SELECT 1")
        channel.close()


@pytest.mark.slow
def test_a_large_answer_never_sits_in_the_gateway(gateway: Gateway) -> None:
    sql = "SELECT a.range AS n, a.range % 7 AS m, a.range::DOUBLE AS d FROM range(100000000) a"
    answer = gateway.execute(gateway.session("ada", "research"), sql)
    seen, count = [], 0
    for number, batch in enumerate(answer.batches):
        count += batch.num_rows
        if number % 100 == 0:
            seen.append(int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096 // 2**20)
    assert count == 100_000_000
    assert max(seen[2:]) - min(seen[2:]) < 200, seen


def test_sizes_are_read_as_duckdb_reads_them() -> None:
    assert size_bytes("2GB") == 2_000_000_000
    assert size_bytes("512 MiB") == 512 * 2**20
    with pytest.raises(ValueError, match="size"):
        size_bytes("lots")
