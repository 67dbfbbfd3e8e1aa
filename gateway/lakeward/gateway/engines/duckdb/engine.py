"""DuckDB in the gateway's own process: for a command line that asks once and ends."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.lake import Lake
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.answer import Answer
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.engines.apart import MEMORY, ROWS_AT_ONCE, Apart, gathered
from lakeward.gateway.engines.duckdb.aggregate import aggregate_text, numbers
from lakeward.gateway.engines.duckdb.bench import Bench
from lakeward.gateway.engines.duckdb.bench_sql import INCOMING
from lakeward.gateway.engines.duckdb.connect import closing, connect
from lakeward.gateway.engines.duckdb.prepare import Prepared, Preparer
from lakeward.gateway.engines.duckdb.reader import BATCH_ROWS, Lent, Reader
from lakeward.gateway.engines.duckdb.scan import local_path
from lakeward.gateway.engines.duckdb.selftest import self_test
from lakeward.gateway.errors import ReadFailedError
from lakeward.gateway.plan import Plan
from lakeward.gateway.recorded import record_fault
from lakeward.gateway.running import Running
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.gateway.under_null import all_cleared
from lakeward.policies.admit.translate import DIVIDES_WHOLE
from lakeward.policies.rewrite.resolve import Names


class DuckDBEngine:
    """The embedded engine of one lake."""

    def __init__(self, lake: Lake, names: Names) -> None:
        self_test(lake.root)
        self._lake = lake
        self._names = names
        self._preparer = Preparer(names)
        self._spill = private_folder(lake.root / "spill")
        self._reader = Reader(local_path(lake.config.warehouse), lake.keys, spill=self._spill)

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
        opened: list[Callable[[], None]] = []

        def close() -> None:
            while opened:
                opened.pop()()

        source = _Source()
        try:
            connection, text = self._laid(running, prepared, opened, source)
            with self._reader_blamed(running, source):
                reader = connection.execute(text).to_arrow_reader(BATCH_ROWS)
            batches = self._blaming_reader(reader, running, source)
            return running.answer(
                reader.schema, batches, prepared.way, fault=self._preparer.fault_of(prepared), close=close
            )
        except Exception as error:  # noqa: BLE001 - whatever the engine raises is told in words of ours
            close()
            raise running.failed(error, self._preparer.fault_of(prepared)) from None

    def _laid(
        self,
        running: Running,
        prepared: Prepared,
        opened: list[Callable[[], None]],
        source: "_Source",
    ) -> tuple[duckdb.DuckDBPyConnection, str]:
        """Return where the final text is to run: over the lake when it is fused, else on a laid bench."""
        if prepared.plan.is_fused:
            cursor = self._reader.cursor(prepared.plan.labels)
            opened.append(cursor.close)
            running.watch(partial(_interrupt, cursor))
            return cursor, str(prepared.text)
        bench = self._bench(running.session)
        opened.append(bench.close)
        for each in prepared.stages:
            lent = self._reader.lend(prepared.plan.labels)
            opened.insert(0, lent.close)  # after the bench that draws from it
            running.watch(partial(_interrupt, lent, bench.connection))
            with self._reader_blamed(running, source):
                rows = source.watched(partial(self._reader.stream, lent.cursor, each.select))
                if prepared.drawn is not None:
                    bench.draw(each.name, each.columns, rows)
                else:
                    bench.lay(each.name, each.columns, rows)
                    lent.close()
        if prepared.drawn is None:
            running.watch(partial(_interrupt, bench.connection))
        return bench.connection, prepared.text or self._preparer.with_values(prepared, bench.texts)

    def _blaming_reader(
        self, batches: Iterable[pa.RecordBatch], running: Running, source: "_Source"
    ) -> Iterator[pa.RecordBatch]:
        with self._reader_blamed(running, source):
            yield from batches

    @contextlib.contextmanager
    def _reader_blamed(self, running: Running, source: "_Source") -> Iterator[None]:
        """Say in our words, and in the audit log, that it was the reader that failed, whatever came of it."""
        try:
            yield
        except Exception:  # of the bench too, which breaks when its reader does; that one is told below
            if source.fault is None:
                raise
        if source.fault is not None:
            running.cancellation.check()
            record_fault(self._lake.audit, running.session, running.statement_id, source.fault)
            raise ReadFailedError(running.statement_id)

    def describe(self, session: Session, prepared: Prepared, ending: Cancellation) -> pa.Schema:
        """See `Engine.describe`."""
        bench = self._bench(session)
        ending.on_cancel(partial(_interrupt, bench.connection))
        try:
            for each in prepared.stages:
                bench.lay(each.name, each.columns)
            return bench.schema(str(prepared.text))
        except duckdb.Error as error:
            ending.check()
            raise self._preparer.fault_of(prepared)(error, prepared.statement.statement_id) from None
        finally:
            bench.close()

    def _bench(self, session: Session) -> Bench:
        limits, whole = session.limits, session.dialect in DIVIDES_WHOLE
        return Bench(
            self._names,
            memory_limit=limits.memory,
            threads=limits.threads,
            spill=self._spill,
            divides_whole=whole,
        )

    def aggregate(self, table: PinnedTable, query: exp.Select) -> dict[str, Any]:
        """See `Engine.aggregate`."""
        text, cursor = aggregate_text(table, query), self._reader.cursor(())
        try:
            result = cursor.execute(text)
            return numbers([each[0] for each in result.description or ()], result.fetchmany(2))
        except duckdb.Error:
            raise ReadFailedError("of a contract") from None
        finally:
            cursor.close()

    def run_apart(self, query: Apart, ending: Cancellation) -> pa.Table:
        """See `Engine.run_apart`."""
        connection = connect()
        ending.on_cancel(partial(_interrupt, connection))
        try:
            for each in (*query.making, *closing(MEMORY, 1)):
                connection.execute(each)
            for insert, rows in query.fills:
                connection.register(INCOMING, rows)
                connection.execute(insert)
                connection.unregister(INCOMING)
            reader = connection.execute(query.text).to_arrow_reader(ROWS_AT_ONCE)
            return gathered(reader.schema, reader)
        except duckdb.Error:
            ending.check()
            raise
        finally:
            connection.close()

    def close(self) -> None:
        """See `Engine.close`."""
        self._reader.close()
        self._preparer.close()


class _Source:
    """What the reader gives a bench, and what it failed of, which the bench hides."""

    def __init__(self) -> None:
        self.fault: Exception | None = None

    def watched(self, read: Callable[[], pa.RecordBatchReader]) -> pa.RecordBatchReader:
        with self._noted():
            rows = read()
        return pa.RecordBatchReader.from_batches(rows.schema, self._batches(rows))

    def _batches(self, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        with self._noted():
            yield from all_cleared(rows)

    @contextlib.contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except Exception as fault:
            self.fault = fault
            raise


def private_folder(path: Path) -> Path:
    """Make the folder where instances spill, encrypted, what memory does not hold; it is ours alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _interrupt(*connections: duckdb.DuckDBPyConnection | Lent) -> None:
    for each in connections:
        with contextlib.suppress(duckdb.ConnectionException):  # the statement ended in the same moment
            each.interrupt()
