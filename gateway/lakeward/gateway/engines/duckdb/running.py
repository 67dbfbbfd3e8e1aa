"""A statement while it runs: its clock, its rows, its end."""

import contextlib
import threading
import time
from collections.abc import Callable, Generator

import duckdb
import pyarrow as pa

from lakeward.catalog.audit import AuditChain
from lakeward.gateway.answer import Answer, Way
from lakeward.gateway.engines.duckdb.faults import bench_fault
from lakeward.gateway.engines.duckdb.reader import BATCH_ROWS
from lakeward.gateway.errors import LimitExceededError
from lakeward.gateway.recorded import record_fault, record_finish
from lakeward.gateway.session import Session


class Running:
    """Watches one statement and records its end exactly once."""

    def __init__(self, audit: AuditChain, session: Session, statement_id: str) -> None:
        self.session = session
        self.statement_id = statement_id
        self._audit = audit
        self._rows = 0
        self._ended = False
        self._timer: threading.Timer | None = None
        self._until = time.monotonic() + session.limits.seconds

    def watch(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Interrupt `connection` when the session's time is up; a second call changes nothing."""
        if self._timer is not None:
            return
        self._timer = threading.Timer(max(0.0, self._until - time.monotonic()), _interrupt, [connection])
        self._timer.daemon = True
        self._timer.start()

    def answer(
        self, connection: duckdb.DuckDBPyConnection, text: str, way: Way, close: Callable[[], None]
    ) -> Answer:
        """Run the final text and return its rows as they come.

        Raises:
            LakewardError: The statement failed before its first row, in words of ours.
        """
        self.watch(connection)
        try:
            reader = connection.execute(text).to_arrow_reader(BATCH_ROWS)
        except duckdb.Error as error:
            close()
            self.end("failed")
            record_fault(self._audit, self.session, self.statement_id, error)
            raise bench_fault(error, self.statement_id) from None
        batches = self._stream(reader, close)

        def stop() -> None:
            batches.close()
            close()
            self.end("stopped")  # where not a single row was read, the stream never began and cannot say so

        return Answer(
            statement_id=self.statement_id,
            schema=reader.schema,
            batches=batches,
            way=way,
            _close=stop,
        )

    def _stream(self, reader: pa.RecordBatchReader, close: Callable[[], None]) -> Generator[pa.RecordBatch]:
        outcome = "stopped"
        try:
            for batch in reader:
                self._count(batch.num_rows)
                yield batch
            outcome = "complete"
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            outcome = "failed"
            record_fault(self._audit, self.session, self.statement_id, error)
            raise self._in_our_words(error) from None
        finally:
            close()
            self.end(outcome)

    def _in_our_words(self, error: Exception) -> Exception:
        if time.monotonic() >= self._until:
            return LimitExceededError("time")
        known = error if isinstance(error, duckdb.Error) else duckdb.Error()
        return bench_fault(known, self.statement_id)

    def _count(self, rows: int) -> None:
        self._rows += rows
        limit = self.session.limits.rows
        if limit is not None and self._rows > limit:
            raise LimitExceededError(f"{limit} rows")

    def fail(self, error: BaseException) -> None:
        """End a statement that never gave an answer."""
        self.end(f"failed: {type(error).__name__}")

    def end(self, outcome: str) -> None:
        """Stop the clock and record how many rows went out."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._ended:
            self._ended = True
            record_finish(self._audit, self.session, self.statement_id, rows=self._rows, outcome=outcome)


def _interrupt(connection: duckdb.DuckDBPyConnection) -> None:
    with contextlib.suppress(duckdb.ConnectionException):  # the statement ended in the same moment
        connection.interrupt()
