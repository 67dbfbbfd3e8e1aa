"""DuckDB in workers: the way of a statement through a reader, and through a bench where it is staged."""

import hashlib
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.answer import Answer
from lakeward.gateway.engines.duckdb import bench_sql
from lakeward.gateway.engines.duckdb.aggregate import aggregate_text, numbers
from lakeward.gateway.engines.duckdb.connect import locking
from lakeward.gateway.engines.duckdb.engine import private_folder
from lakeward.gateway.engines.duckdb.faults import bench_fault, engine_error
from lakeward.gateway.engines.duckdb.prepare import Prepared, Preparer
from lakeward.gateway.engines.duckdb.reader import key_of
from lakeward.gateway.engines.duckdb.scan import local_path
from lakeward.gateway.engines.duckdb.selftest import self_test
from lakeward.gateway.engines.workers.benches import Benches
from lakeward.gateway.engines.workers.frames import (
    ERROR,
    OK,
    SCHEMA,
    VALUES,
    BrokenChannelError,
    Rows,
    WorkerError,
    error_kind,
)
from lakeward.gateway.engines.workers.reader_process import KEPT_ENGINES
from lakeward.gateway.engines.workers.readers import Lease, Reader, Readers
from lakeward.gateway.engines.workers.settings import size_bytes, worker_settings
from lakeward.gateway.engines.workers.spawn import Nursery, Worker
from lakeward.gateway.errors import ReadFailedError, WorkerLostError
from lakeward.gateway.metadata_tables import MetadataTable
from lakeward.gateway.plan import Plan
from lakeward.gateway.recorded import record_fault
from lakeward.gateway.running import Running
from lakeward.gateway.session import Limits, Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.admit.translate import DIVIDES_WHOLE
from lakeward.policies.rewrite.resolve import Names
from lakeward.policies.rewrite.stage import Stage

_HUNG_UP: Final = "BrokenPipeError"
_ELSEWHERE: Final = ("write.data.path", "write.metadata.path")
_MOST_TEXTS: Final = 100_000


class WorkerEngine:
    """The engine of a gateway that serves: nothing of a statement runs in the gateway's own process."""

    def __init__(self, lake: Lake, names: Names) -> None:
        self_test(lake.root)
        self._lake, self._names = lake, names
        self._preparer = Preparer(names)
        settings = worker_settings(lake)
        self._spill = private_folder(lake.root / "spill")
        _clear_left_over(self._spill)
        self._spill_limit = settings.spill
        self._nursery = Nursery(
            spill=self._spill,
            warehouse=Path(local_path(lake.config.warehouse)),
            process_bytes=size_bytes(settings.process_memory),
            spill_bytes=size_bytes(settings.spill),
        )
        self._readers = Readers(self._nursery, settings.readers, KEPT_ENGINES)
        self._benches = Benches(self._nursery, settings.benches)

    def prepare(self, session: Session, statement: GovernedStatement, plan: Plan) -> Prepared:
        """See `Engine.prepare`."""
        return self._preparer.prepare(session, statement, plan)

    def run(self, running: Running, prepared: Prepared) -> Answer:
        """See `Engine.run`."""
        held = ExitStack()
        try:
            rows = self._fused(held, running, prepared) if prepared.plan.is_fused else None
            rows = rows or self._staged(held, running, prepared)
            batches = _in_engine_words(rows.batches)
            return running.answer(rows.schema, batches, prepared.way, fault=bench_fault, close=held.close)
        except Exception as error:  # noqa: BLE001 - whatever a worker does is told in words of ours
            held.close()
            raise running.failed(_engine_words(error), bench_fault) from None

    def _fused(self, held: ExitStack, running: Running, prepared: Prepared) -> Rows:
        lease = self._lease(held, running, prepared)
        order = self._order(lease.reader, running.session.limits, prepared, str(prepared.text))
        return lease.rows(order)

    def _lease(self, held: ExitStack, running: Running, prepared: Prepared) -> Lease:
        limits = running.session.limits
        key = _engine_key(_folders(self._lake, prepared), limits)
        lease = held.enter_context(self._readers.lease(key, running.cancellation.check))
        running.watch(partial(lease.reader.interrupt, lease.reader.sequence))
        return lease

    def _order(self, reader: Reader, limits: Limits, prepared: Prepared, sql: str) -> dict[str, Any]:
        folders = _folders(self._lake, prepared)
        return {
            "sequence": reader.sequence,
            "key": _engine_key(folders, limits),
            "lock": locking(limits.memory, limits.threads, reader.worker.spill, folders, self._spill_limit),
            "keys": {each: key_of(each, self._lake.keys) for each in prepared.plan.labels},
            "sql": sql,
        }

    def _staged(self, held: ExitStack, running: Running, prepared: Prepared) -> Rows:
        bench = self._opened_bench(held, running.session)
        running.watch(bench.kill)
        if prepared.stages:
            self._lay_all(bench, running, prepared)
            running.watch(bench.kill)
        text = prepared.text or self._preparer.with_values(prepared, partial(_texts, bench))
        bench.channel.send_json(b"Q", text)
        return Rows(bench.channel)

    def _opened_bench(self, held: ExitStack, session: Session) -> Worker:
        limits, bench = session.limits, self._benches.take()
        held.callback(bench.discard)
        lock = locking(limits.memory, limits.threads, bench.spill, (), self._spill_limit)
        first = [bench_sql.DIVIDE_WHOLE] if session.dialect in DIVIDES_WHOLE else []
        _ask(bench, b"O", [*first, *lock, *bench_sql.opening(self._names)])
        return bench

    def _lay_all(self, bench: Worker, running: Running, prepared: Prepared) -> None:
        with ExitStack() as held:
            lease = self._lease(held, running, prepared)
            interrupt = partial(lease.reader.interrupt, lease.reader.sequence)
            running.watch(partial(_do_all, bench.kill, interrupt))
            for each in prepared.stages:
                try:
                    self._lay(bench, lease, running, prepared, each)
                except ReaderFaultError as fault:
                    running.cancellation.check()
                    record_fault(
                        self._lake.audit, running.session, running.statement_id, engine_error(fault.kind)
                    )
                    raise ReadFailedError(running.statement_id) from None

    def _lay(self, bench: Worker, lease: Lease, running: Running, prepared: Prepared, stage: Stage) -> None:
        """Let the reader send the rows of a stage to the bench, past the gateway."""
        sql = stage.select.sql("duckdb", identify=True, comments=False)
        order = self._order(lease.reader, running.session.limits, prepared, sql)
        source, target = socket.socketpair()
        with source, target:
            source.shutdown(socket.SHUT_RD)
            made = {
                "create": bench_sql.table(self._names, stage.name, stage.columns),
                "insert": bench_sql.filling(self._names, stage.name),
            }
            bench.channel.send_json(b"L", made, fds=[target.fileno()])
            lease.send_order(order, source)
        fault = lease.outcome()
        if fault not in {None, _HUNG_UP}:
            raise ReaderFaultError(str(fault))
        _expect(bench, OK)
        if fault:
            raise BrokenChannelError

    def describe(self, session: Session, prepared: Prepared) -> pa.Schema:
        """See `Engine.describe`."""
        with ExitStack() as held:
            try:
                bench = self._opened_bench(held, session)
                for each in prepared.stages:
                    create = bench_sql.table(self._names, each.name, each.columns)
                    _ask(bench, b"L", {"create": create, "insert": ""})
                bench.channel.send_json(b"D", str(prepared.text))
                return pa.ipc.read_schema(_expect(bench, SCHEMA))
            except (WorkerError, BrokenChannelError, pa.ArrowException) as error:
                words = _engine_words(error)
                if isinstance(words, LakewardError):
                    raise words from None
                raise bench_fault(words, prepared.statement.statement_id) from None

    def aggregate(self, table: PinnedTable, query: exp.Select) -> dict[str, Any]:
        """See `Engine.aggregate`."""
        folders, limits = (Path(local_path(table.location)),), Limits()
        text, key = aggregate_text(table, query), _engine_key(folders, limits)
        with self._readers.lease(key, lambda: None) as lease:
            reader = lease.reader
            lock = locking(limits.memory, limits.threads, reader.worker.spill, folders, self._spill_limit)
            order = {"sequence": reader.sequence, "key": key, "lock": lock, "keys": {}, "sql": text}
            try:
                rows = lease.rows(order)
                found = pa.Table.from_batches(rows.batches(), rows.schema)
            except (WorkerError, BrokenChannelError):
                raise ReadFailedError("of a contract") from None
        return numbers(found.column_names, [list(each.values()) for each in found.slice(0, 2).to_pylist()])

    def close(self) -> None:
        """See `Engine.close`."""
        self._benches.close()
        self._readers.close()
        self._nursery.close()
        self._preparer.close()


class ReaderFaultError(Exception):
    """The reader could not read; `kind` is the engine's class of error."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def _do_all(*acts: Callable[[], object]) -> None:
    for each in acts:
        each()


def _ask(bench: Worker, kind: bytes, order: object) -> None:
    bench.channel.send_json(kind, order)
    _expect(bench, OK)


def _expect(bench: Worker, wanted: bytes) -> pa.Buffer:
    kind, payload = bench.channel.receive()
    if kind == ERROR:
        raise WorkerError(error_kind(payload))
    if kind != wanted:
        raise BrokenChannelError
    return payload


def _texts(bench: Worker, sql: str) -> list[str]:
    bench.channel.send_json(b"T", sql)
    kind, values = bench.channel.receive_json()
    if kind == ERROR:
        raise WorkerError("Error")
    good = kind == VALUES and isinstance(values, list) and len(values) <= _MOST_TEXTS
    if not good or not all(isinstance(each, str | None) for each in values):
        raise BrokenChannelError
    return list(values)


def _engine_words(error: Exception) -> Exception:
    """Turn what a channel reports into what an engine in this process would raise."""
    if isinstance(error, WorkerError):
        return engine_error(error.kind)
    return WorkerLostError() if isinstance(error, BrokenChannelError) else error


def _in_engine_words(batches: Callable[[], Iterator[pa.RecordBatch]]) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches()
    except (WorkerError, BrokenChannelError) as error:
        raise _engine_words(error) from None


def _folders(lake: Lake, prepared: Prepared) -> tuple[Path, ...]:
    """Return the folders of the tables that a statement reads, its own and those of row filters."""
    of_user, of_policy = prepared.statement.pins.seen()
    places: set[str] = set()
    tables = [*of_user.values(), *of_policy.values()]
    for table in (each for each in tables if not isinstance(each, MetadataTable)):
        properties: Mapping[str, str] = lake.metadata(table.metadata_location).properties
        places |= {table.location, str(Path(table.metadata_location).parent)}
        places |= {properties[each] for each in _ELSEWHERE if each in properties}
    return tuple(sorted({Path(local_path(each)) for each in places}))


def _engine_key(folders: tuple[Path, ...], limits: Limits) -> str:
    text = "\n".join([limits.memory, str(limits.threads), *map(str, folders)])
    return hashlib.sha256(text.encode()).hexdigest()


def _clear_left_over(spill: Path) -> None:
    """Remove the folders of workers whose gateway is gone; what is in them nobody can decrypt."""
    for each in spill.glob("*-*-*"):
        gateway = each.name.split("-")[1]
        if gateway.isdigit() and not _is_alive(int(gateway)):
            shutil.rmtree(each, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
