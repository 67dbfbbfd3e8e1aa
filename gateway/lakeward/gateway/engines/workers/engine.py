"""DuckDB in workers: the way of a statement through a reader, and through a bench where it is staged."""

import functools
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.answer import Answer
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.engines.apart import MEMORY, Apart, gathered
from lakeward.gateway.engines.duckdb import bench_sql
from lakeward.gateway.engines.duckdb.aggregate import aggregate_text, numbers
from lakeward.gateway.engines.duckdb.connect import closing, locking, placing
from lakeward.gateway.engines.duckdb.engine import private_folder
from lakeward.gateway.engines.duckdb.faults import engine_error
from lakeward.gateway.engines.duckdb.prepare import Prepared, Preparer
from lakeward.gateway.engines.duckdb.reader import key_of
from lakeward.gateway.engines.duckdb.scan import local_path
from lakeward.gateway.engines.duckdb.selftest import self_test
from lakeward.gateway.engines.workers.benches import Benches
from lakeward.gateway.engines.workers.frames import (
    OK,
    SCHEMA,
    VALUES,
    BrokenChannelError,
    Rows,
    WorkerError,
    read_json,
)
from lakeward.gateway.engines.workers.laying import Laying, ReaderFaultError, expect, fill
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

_ELSEWHERE: Final = ("write.data.path", "write.metadata.path")
_MOST_TEXTS: Final = 100_000

Streamed = tuple[pa.Schema, Iterator[pa.RecordBatch]]


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
        self._benches = Benches(self._nursery, settings.benches, self._opening)

    def bind(self, text: str) -> str:
        """See `Engine.bind`."""
        return self._preparer.bind(text)

    def prepare(self, session: Session, statement: GovernedStatement, plan: Plan) -> Prepared:
        """See `Engine.prepare`."""
        return self._preparer.prepare(session, statement, plan)

    def is_repeatable(self, prepared: Prepared) -> bool:
        """See `Engine.is_repeatable`."""
        return self._preparer.is_repeatable(prepared)

    def run(self, running: Running, prepared: Prepared) -> Answer:
        """See `Engine.run`."""
        held = ExitStack()
        try:
            way = self._fused if prepared.plan.is_fused else self._staged
            schema, batches = way(held, running, prepared)
            batches = _in_engine_words(batches)
            return running.answer(
                schema, batches, prepared.way, fault=self._preparer.fault_of(prepared), close=held.close
            )
        except Exception as error:  # noqa: BLE001 - whatever a worker does is told in words of ours
            held.close()
            raise running.failed(_engine_words(error), self._preparer.fault_of(prepared)) from None

    def _fused(self, held: ExitStack, running: Running, prepared: Prepared) -> Streamed:
        lease = self._lease(held, running, prepared)
        order = self._order(lease.reader, running.session.limits, prepared, str(prepared.text))
        rows = lease.rows(order)
        return rows.schema, rows.batches()

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

    def _staged(self, held: ExitStack, running: Running, prepared: Prepared) -> Streamed:
        bench = self._opened_bench(held, running.session)
        running.watch(bench.kill)
        if prepared.drawn is not None:
            return self._drawn(held, bench, running, prepared, prepared.drawn)
        if prepared.stages:
            self._lay_all(bench, running, prepared)
            running.watch(bench.kill)
        text = prepared.text or self._preparer.with_values(prepared, partial(_texts, bench))
        bench.channel.send_json(b"Q", text)
        rows = Rows(bench.channel)
        return rows.schema, rows.batches()

    def _opened_bench(self, held: ExitStack, session: Session) -> Worker:
        limits, bench = session.limits, self._benches.take()
        held.callback(bench.discard)
        first = [bench_sql.DIVIDE_WHOLE] if session.dialect in DIVIDES_WHOLE else []
        expect(bench, OK)
        _ask(bench, b"O", [*first, *closing(limits.memory, limits.threads)])
        return bench

    def _opening(self, bench: Worker) -> list[str]:
        return [*placing(bench.spill, (), self._spill_limit), *bench_sql.opening(self._names)]

    def _lay_all(self, bench: Worker, running: Running, prepared: Prepared) -> None:
        with ExitStack() as held:
            lease = self._lease_beside(held, bench, running, prepared)
            for each in prepared.stages:
                create = bench_sql.table(self._names, each.name, each.columns)
                with self._reader_blamed(running):
                    self._laying(bench, lease, running, prepared, each).lay(
                        create, bench_sql.filling(self._names, each.name)
                    )

    def _drawn(
        self, held: ExitStack, bench: Worker, running: Running, prepared: Prepared, stage: Stage
    ) -> Streamed:
        """Let the rows of the one stage stream through the bench while its query runs."""
        lease = self._lease_beside(held, bench, running, prepared)
        held.callback(bench.kill)  # before the reader is given back: it may be waiting for the bench
        create = bench_sql.drawing(self._names, stage.name, stage.columns)
        with self._reader_blamed(running):
            schema, batches = self._laying(bench, lease, running, prepared, stage).draw(
                create, str(prepared.text)
            )
        return schema, self._blaming_reader(running, batches)

    def _lease_beside(self, held: ExitStack, bench: Worker, running: Running, prepared: Prepared) -> Lease:
        lease = self._lease(held, running, prepared)
        interrupt = partial(lease.reader.interrupt, lease.reader.sequence)
        running.watch(partial(_do_all, bench.kill, interrupt))
        return lease

    def _laying(
        self, bench: Worker, lease: Lease, running: Running, prepared: Prepared, stage: Stage
    ) -> Laying:
        sql = stage.select.sql("duckdb", identify=True, comments=False)
        order = self._order(lease.reader, running.session.limits, prepared, sql)
        return Laying(bench=bench, lease=lease, order=order)

    def _blaming_reader(
        self, running: Running, batches: Iterator[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        with self._reader_blamed(running):
            yield from batches

    @contextmanager
    def _reader_blamed(self, running: Running) -> Iterator[None]:
        """Say in our words, and in the audit log, that a reader could not read."""
        try:
            yield
        except ReaderFaultError as fault:
            running.cancellation.check()
            record_fault(self._lake.audit, running.session, running.statement_id, engine_error(fault.kind))
            raise ReadFailedError(running.statement_id) from None

    def describe(self, session: Session, prepared: Prepared, ending: Cancellation) -> pa.Schema:
        """See `Engine.describe`."""
        with ExitStack() as held:
            try:
                bench = self._opened_bench(held, session)
                ending.on_cancel(bench.kill)
                for each in prepared.stages:
                    create = bench_sql.table(self._names, each.name, each.columns)
                    _ask(bench, b"L", {"create": create, "insert": ""})
                bench.channel.send_json(b"D", str(prepared.text))
                return pa.ipc.read_schema(expect(bench, SCHEMA))
            except (WorkerError, BrokenChannelError, pa.ArrowException) as error:
                ending.check()
                words = _engine_words(error)
                if isinstance(words, LakewardError):
                    raise words from None
                raise self._preparer.fault_of(prepared)(words, prepared.statement.statement_id) from None

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

    def run_apart(self, query: Apart, ending: Cancellation) -> pa.Table:
        """See `Engine.run_apart`."""
        with ExitStack() as held:
            try:
                bench = self._benches.take()
                held.callback(bench.discard)
                ending.on_cancel(bench.kill)
                expect(bench, OK)
                _ask(bench, b"O", [*query.making, *closing(MEMORY, 1)])
                for insert, rows in query.fills:
                    fill(bench, insert, rows)
                bench.channel.send_json(b"Q", query.text)
                answer = Rows(bench.channel)
                return gathered(answer.schema, answer.batches())
            except (WorkerError, BrokenChannelError, pa.ArrowException) as error:
                ending.check()
                raise _engine_words(error) from None

    def close(self) -> None:
        """See `Engine.close`."""
        self._benches.close()
        self._readers.close()
        self._nursery.close()
        self._preparer.close()


def _do_all(*acts: Callable[[], object]) -> None:
    for each in acts:
        each()


def _ask(bench: Worker, kind: bytes, order: object) -> None:
    bench.channel.send_json(kind, order)
    expect(bench, OK)


def _texts(bench: Worker, sql: str) -> list[str]:
    bench.channel.send_json(b"T", sql)
    values = read_json(expect(bench, VALUES))
    good = isinstance(values, list) and len(values) <= _MOST_TEXTS
    if not good or not all(isinstance(each, str | None) for each in values):
        raise BrokenChannelError
    return list(values)


def _engine_words(error: Exception) -> Exception:
    """Turn what a channel reports into what an engine in this process would raise."""
    if isinstance(error, WorkerError):
        return engine_error(error.kind)
    return WorkerLostError() if isinstance(error, BrokenChannelError) else error


def _in_engine_words(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except (WorkerError, BrokenChannelError) as error:
        raise _engine_words(error) from None


def _folders(lake: Lake, prepared: Prepared) -> tuple[Path, ...]:
    """Return the folders of the tables that a statement reads, its own and those of row filters."""
    of_user, of_policy = prepared.statement.pins.seen()
    places: set[str] = set()
    tables = [*of_user.values(), *of_policy.values()]
    for table in (each for each in tables if not isinstance(each, MetadataTable)):
        properties: Mapping[str, str] = lake.metadata(table.metadata_location).properties
        places |= {table.location, table.metadata_location.rpartition("/")[0]}
        places |= {properties[each] for each in _ELSEWHERE if each in properties}
    return _local_folders(frozenset(places))


@functools.lru_cache(maxsize=1_000)
def _local_folders(places: frozenset[str]) -> tuple[Path, ...]:
    return tuple(sorted({Path(local_path(each)) for each in places}))


@functools.lru_cache(maxsize=1_000)
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
