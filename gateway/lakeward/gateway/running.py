"""A statement while it runs: its clock, its rows, its end."""

import threading
from collections.abc import Callable, Generator, Iterable
from functools import partial

import pyarrow as pa

from lakeward.catalog.audit import AuditChain
from lakeward.catalog.errors import LakewardError
from lakeward.gateway.answer import Answer, Way
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.deadlines import Deadlines
from lakeward.gateway.errors import LimitExceededError, ReadFailedError
from lakeward.gateway.kept_answers import Answers, KeptAnswer
from lakeward.gateway.limits.meter import Meter
from lakeward.gateway.recorded import record_fault, record_finish
from lakeward.gateway.session import Session
from lakeward.gateway.under_null import all_cleared

Fault = Callable[[Exception, str], LakewardError]
"""Says in words of ours what an engine's error means for a statement."""


class Running:
    """Watches one statement and records its end exactly once.

    Args:
        audit: Where its end is recorded.
        session: Who asked, and within which limits.
        statement_id: Its name in the audit log.
        cancellation: What ends it.
        deadlines: What ends it when its time is over.
        on_end: Called once, when it has ended.
    """

    def __init__(
        self,
        audit: AuditChain,
        session: Session,
        statement_id: str,
        cancellation: Cancellation,
        deadlines: Deadlines,
        on_end: Callable[[], object],
    ) -> None:
        self.session = session
        self.statement_id = statement_id
        self.cancellation = cancellation
        self._audit = audit
        self._on_end = on_end
        self._answers: Answers | None = None
        self._meter = Meter(session.limits)
        self._ended = threading.Lock()
        self._deadlines = deadlines
        over = partial(cancellation.cancel, LimitExceededError("time"))
        self._deadline = deadlines.add(session.limits.seconds, over)

    def watch(self, act: Callable[[], object]) -> None:
        """Do `act`, and nothing that was said before, when the statement is to end.

        Raises:
            LakewardError: It is to end already.
        """
        self.cancellation.on_cancel(act)
        self.cancellation.check()

    def answer(
        self,
        schema: pa.Schema,
        rows: Iterable[pa.RecordBatch],
        way: Way,
        *,
        fault: Fault,
        close: Callable[[], None],
    ) -> Answer:
        """Return the rows as they come, and nothing that stands in memory where a value is NULL.

        Args:
            schema: Names and types of the columns.
            rows: Where they come from; what it raises is said in our words by `fault`.
            way: How the statement runs.
            fault: What an engine's error means.
            close: Called when the rows have ended, however that is; it may be called twice.
        """
        rows = all_cleared(rows)
        if self._answers is not None:
            rows = self._answers.watched(schema, rows)
        batches = self._stream(rows, fault, close)

        def stop() -> None:
            batches.close()
            close()
            self.end("stopped")  # where not a single row was read, the stream never began and cannot say so

        return Answer(
            statement_id=self.statement_id,
            schema=schema,
            batches=batches,
            way=way,
            _close=stop,
            _cancellation=self.cancellation,
        )

    def keep_in(self, answers: Answers | None) -> None:
        """Have the answer kept, if it is small and the same again."""
        self._answers = answers

    def repeat(self, kept: KeptAnswer, way: Way) -> Answer:
        """Return an answer that was given before."""
        return self.answer(kept.schema, kept.batches, way, fault=_no_fault, close=_do_nothing)

    def _stream(
        self, rows: Iterable[pa.RecordBatch], fault: Fault, close: Callable[[], None]
    ) -> Generator[pa.RecordBatch]:
        outcome = "stopped"
        try:
            for batch in rows:
                self.cancellation.check()
                yield from self._meter.take(batch)
            self.cancellation.check()
            outcome = "complete"
        except Exception as error:  # noqa: BLE001 - whatever an engine raises is told in words of ours
            raise self.failed(error, fault) from None
        finally:
            close()
            self.end(outcome)

    def failed(self, error: Exception, fault: Fault) -> LakewardError:
        """End the statement and say why in our words: who ended it, before what that made the engine say."""
        if why := self.cancellation.why:
            self.end(why.code)
            return why
        if isinstance(error, LakewardError):
            self.end(error.code)
            return error
        record_fault(self._audit, self.session, self.statement_id, error)
        self.end("failed")
        return fault(error, self.statement_id)

    def end(self, outcome: str) -> None:
        """Stop the clock and record how many rows went out; only the first call counts."""
        if not self._ended.acquire(blocking=False):
            return
        self._deadlines.remove(self._deadline)
        self.cancellation.on_cancel(_do_nothing)
        self._on_end()
        record_finish(self._audit, self.session, self.statement_id, rows=self._meter.rows, outcome=outcome)


def _no_fault(_error: Exception, statement_id: str) -> LakewardError:
    """What the fault of an engine means where none runs."""
    return ReadFailedError(statement_id)


def _do_nothing() -> None:
    """What a cancellation does to a statement that has ended."""
