"""One statement of a request, from sign-in to its last byte; its methods block, and are called in threads."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from lakeward.catalog.errors import DeniedError, InputError, LakewardError, UnavailableError
from lakeward.gateway.answer import Answer
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.http.forms import Form, form_of
from lakeward.gateway.doors.http.parameters import scalar
from lakeward.gateway.doors.http.replies import RequestError
from lakeward.gateway.doors.http.requests import Credentials, QueryRequest
from lakeward.gateway.doors.http.sign_in import sign_in
from lakeward.gateway.doors.metrics import Outcome
from lakeward.gateway.errors import LimitExceededError, OverloadedError, StatementCancelledError
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.session import Limits

DOOR = "http"
_SMALL = 4_096  # rows: an answer whose first batch is smaller has most likely come to its end


class Running:
    """The statements of the door that run, by principal and name, so that they can be cancelled.

    Args:
        most: How many may be in the door, whoever sent them.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: dict[tuple[str, str], Callable[[], None]] = {}
        self._begun: set[HttpStatement] = set()
        self._lock = threading.Lock()

    def enter(self, statement: "HttpStatement") -> None:
        """Note a statement that begins.

        Raises:
            OverloadedError: There are as many as the door has threads for.
        """
        with self._lock:
            if len(self._begun) >= self._most:
                raise OverloadedError("gateway", Limits(), is_own=False)
            self._begun.add(statement)

    def leave(self, statement: "HttpStatement") -> None:
        """Forget a statement that ended."""
        with self._lock:
            self._begun.discard(statement)

    def cancel_all(self) -> None:
        """End whatever runs, because the door closes."""
        with self._lock:
            begun = list(self._begun)
        for each in begun:
            each.cancel(ClosingError())

    def add(self, principal: str, name: str, cancel: Callable[[], None]) -> None:
        """Let a statement be cancelled by its principal.

        Raises:
            RequestError: One of that name runs already.
        """
        with self._lock:
            if (principal, name) in self._running:
                raise RequestError(409, "a statement of this id runs already")
            self._running[principal, name] = cancel

    def remove(self, principal: str, name: str) -> None:
        """Forget a statement that ended."""
        with self._lock:
            self._running.pop((principal, name), None)

    def cancel(self, principal: str, name: str) -> bool:
        """Cancel a statement of a principal's own; tell whether one runs."""
        with self._lock:
            cancel = self._running.get((principal, name))
        if cancel is not None:
            cancel()
        return cancel is not None


class ClosingError(UnavailableError):
    """A statement was ended because the gateway closes."""

    code = "gateway-closing"

    def __init__(self) -> None:
        super().__init__("The statement was ended: the gateway closes.", hint="Send it again in a minute.")


class HttpStatement:
    """A statement of one request."""

    def __init__(
        self, context: DoorContext, running: Running, shown: Credentials, asked: QueryRequest, media_type: str
    ) -> None:
        self._context = context
        self._running = running
        self._shown, self._asked = shown, asked
        self._media_type = media_type
        self._started = time.monotonic()
        self._held = ExitStack()
        self._answer: Answer | None = None
        self._form: Form | None = None
        self._cancellation = Cancellation()
        self._busy = threading.Lock()  # the rows' stream is for one thread at a time
        self._is_closed = False
        self._rows = self._bytes = 0
        self._outcome: Outcome = "cancelled"
        self.is_whole = False

    @property
    def statement_id(self) -> str | None:
        """What the audit chain calls it, once it runs."""
        return self._answer.statement_id if self._answer else None

    def begin(self) -> bytes:
        """Sign in, run, and give the first bytes; a small answer is then whole.

        Raises:
            LakewardError: Whatever stands against it.
        """
        try:
            with self._busy:
                self._execute()
                first = self._next()
                if not self.is_whole and self._rows < _SMALL:
                    first += self._next()
        except BaseException as error:
            self._outcome = outcome_of(error)
            self.close()
            raise
        return first

    def more(self) -> bytes:
        """Give the next bytes.

        Raises:
            LakewardError: The statement failed, or was ended.
        """
        try:
            with self._busy:
                return self._next()
        except BaseException as error:
            self._outcome = outcome_of(error)
            raise

    def cancel(self, why: LakewardError | None = None) -> None:
        """End the statement soon, from any thread."""
        self._cancellation.cancel(why)

    def _sign_out(self) -> None:
        """End the statement because what its principal came in by has ended."""
        self._cancellation.cancel(UnauthenticatedError())

    def close(self) -> None:
        """End the statement, once; its record and its count say how."""
        with self._busy:
            if self._is_closed:
                return
            self._is_closed = True
            self._running.leave(self)
            self._held.close()
        seconds = time.monotonic() - self._started
        self._context.metrics.statement(DOOR, self._outcome, seconds=seconds, rows=self._rows)
        self._context.log.event(
            "statement",
            door=DOOR,
            statement_id=self.statement_id,
            code=self._outcome,
            seconds=round(seconds, 6),
            rows=self._rows,
            bytes=self._bytes,
        )

    def _execute(self) -> None:
        context, asked = self._context, self._asked
        identity = sign_in(context.identities, self._shown)
        if asked.id is not None:
            self._running.add(identity.principal, asked.id, self.cancel)
            self._held.callback(self._running.remove, identity.principal, asked.id)
        session = context.gateway.session(
            identity.principal, self._shown.purpose, dialect=asked.dialect, groups=identity.groups
        )
        self._held.enter_context(context.metrics.running(DOOR))
        self._held.enter_context(context.identities.guarding(identity, self._sign_out))
        self._answer = context.gateway.execute(
            session,
            asked.sql,
            at=asked.at,
            parameters=[scalar(each) for each in asked.parameters],
            cancellation=self._cancellation,
        )
        self._held.callback(self._answer.close)
        name = self._answer.statement_id
        self._running.add(identity.principal, name, self.cancel)
        self._held.callback(self._running.remove, identity.principal, name)
        self._form = form_of(self._media_type, self._answer.schema)

    def _next(self) -> bytes:
        if self._answer is None or self._form is None or self.is_whole:
            return b""
        batch = next(self._answer.batches, None)
        if batch is None:
            self.is_whole, self._outcome = True, "complete"
            written = self._form.end()
        else:
            self._rows += batch.num_rows
            written = self._form.encode(batch)
        self._bytes += len(written)
        return written


def outcome_of(error: BaseException) -> Outcome:
    """Say in one word how a statement ended."""
    return next((word for kinds, word in _OUTCOMES if isinstance(error, kinds)), "failed")


_OUTCOMES: tuple[tuple[tuple[type[BaseException], ...], Outcome], ...] = (
    ((StatementCancelledError, ClosingError), "cancelled"),
    ((DeniedError,), "denied"),
    ((LimitExceededError,), "limited"),
    ((OverloadedError,), "refused"),
    ((InputError,), "invalid"),
)
