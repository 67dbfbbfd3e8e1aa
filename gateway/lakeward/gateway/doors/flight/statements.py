"""One statement that is fetched, from its sign-in's second look to its last batch."""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.answer import Answer
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.flight.departures import Departures
from lakeward.gateway.doors.flight.errors import FlightClosingError
from lakeward.gateway.doors.flight.faults import DOOR, outcome, told
from lakeward.gateway.doors.flight.plain import plain_batch, plain_schema
from lakeward.gateway.doors.flight.sign_in import Caller
from lakeward.gateway.doors.metrics import Outcome
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.session import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement that was described and may be fetched.

    Attributes:
        text: The SQL.
        schema: What it gave when it was described.
        parameters: Values for its parameters.
    """

    text: str
    schema: pa.Schema
    parameters: tuple[pa.Scalar, ...] = ()

    def bound(self, parameters: Sequence[pa.Scalar], schema: pa.Schema) -> "Asked":
        """Give the statement with values."""
        return replace(self, parameters=tuple(parameters), schema=schema)


class Running:
    """The statements of the door that run; safe to use from several threads."""

    def __init__(self) -> None:
        self._running: set[Cancellation] = set()
        self._is_closing = False
        self.departures = Departures()
        self._changed = threading.Condition()

    @contextmanager
    def entered(self, ending: Cancellation) -> Iterator[None]:
        """Count a statement while the block runs.

        Raises:
            FlightClosingError: The door closes.
        """
        with self._changed:
            if self._is_closing:
                raise FlightClosingError
            self._running.add(ending)
        try:
            yield
        finally:
            with self._changed:
                self._running.discard(ending)
                self._changed.notify_all()

    def close(self, seconds: float, after: float) -> None:
        """Let no more begin; give those that run `seconds` to end, then cancel them and wait `after`."""
        with self._changed:
            self._is_closing = True
            self._changed.wait_for(lambda: not self._running, seconds)
            left = list(self._running)
        for each in left:
            each.cancel(FlightClosingError())
        with self._changed:
            self._changed.wait_for(lambda: not self._running, after)
        self.departures.close()


def session_of(context: DoorContext, caller: Caller) -> Session:
    """Open a session for a caller who is still in.

    Raises:
        UnauthenticatedError: Not any more.
        NoPurposeError: The call says no purpose that is declared.
    """
    context.identities.require_valid(caller.identity)
    identity = caller.identity
    return context.gateway.session(
        identity.principal, caller.purpose, dialect=caller.dialect, groups=identity.groups
    )


class FlightStatement:
    """A statement that runs; its first batch is there when `begin` returns."""

    def __init__(self, context: DoorContext, running: Running, caller: Caller, asked: Asked) -> None:
        self._context, self._running = context, running
        self._caller, self._asked = caller, asked
        self._ending = Cancellation()
        self._held = ExitStack()
        self._started = time.monotonic()
        self._answer: Answer | None = None
        self._first: pa.RecordBatch | None = None
        self._rows = 0

    def begin(self, is_gone: Callable[[], bool]) -> pa.Schema:
        """Run up to the first batch; end when the client goes away meanwhile.

        Raises:
            LakewardError: Whatever stands against it.
        """
        try:
            self._held.enter_context(self._running.entered(self._ending))
            with self._running.departures.watched(is_gone, self._ending):
                answer = self._execute()
                self._first = next(answer.batches, None)
        except BaseException as error:
            self._end(outcome(error))
            raise
        return plain_schema(answer.schema)

    def _execute(self) -> Answer:
        context, caller = self._context, self._caller
        session = session_of(context, caller)
        self._held.enter_context(context.metrics.running(DOOR))
        self._held.enter_context(context.identities.guarding(caller.identity, self._sign_out))
        self._answer = context.gateway.execute(
            session, self._asked.text, parameters=self._asked.parameters, cancellation=self._ending
        )
        self._held.callback(self._answer.close)
        return self._answer

    def _sign_out(self) -> None:
        self._ending.cancel(UnauthenticatedError())

    def batches(self) -> Iterator[pa.RecordBatch | None]:
        """Give the batches, each when the one before has gone out; the statement ends with the iterator."""
        running = self._stream()
        next(running)  # one that never began would end nothing when it is thrown away
        return running

    def _stream(self) -> Generator[pa.RecordBatch | None]:
        how: Outcome = "cancelled"
        try:
            yield None
            with told(self._context):
                try:
                    yield from self._counted()
                    how = "complete"
                except LakewardError as error:
                    how = outcome(error)
                    raise
                except Exception:
                    how = "failed"
                    raise
        finally:
            self._end(how)

    def _counted(self) -> Iterator[pa.RecordBatch]:
        batch, self._first = self._first, None
        while batch is not None:
            self._rows += batch.num_rows
            yield plain_batch(batch)
            batch = next(self._answer.batches, None) if self._answer else None

    def _end(self, how: Outcome) -> None:
        self._held.close()
        seconds = time.monotonic() - self._started
        self._context.metrics.statement(DOOR, how, seconds=seconds, rows=self._rows)
        self._context.log.event(
            "statement",
            door=DOOR,
            statement_id=self._answer.statement_id if self._answer else None,
            code=how,
            seconds=round(seconds, 6),
            rows=self._rows,
        )
