"""One connection that has signed in: the loop of messages, and the protocol's two ways to ask."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import pyarrow as pa

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.postgres import faults, messages
from lakeward.gateway.doors.postgres.conversation import Conversation, Portal, Prepared
from lakeward.gateway.doors.postgres.encode.rows import copy_end
from lakeward.gateway.doors.postgres.errors import CancelledError, TooMuchError, WireError
from lakeward.gateway.doors.postgres.messages import Body
from lakeward.gateway.doors.postgres.parameters import decode_all
from lakeward.gateway.doors.postgres.rows import Piece, RowStream
from lakeward.gateway.doors.postgres.run import Runner, Started
from lakeward.gateway.doors.postgres.split import split
from lakeward.gateway.doors.postgres.statements import Copy, Fetch, Query, Show, Statement, read
from lakeward.gateway.doors.postgres.types import shape
from lakeward.gateway.doors.postgres.wire import ClientGoneError, Wire
from lakeward.gateway.identity.errors import UnauthenticatedError

T = TypeVar("T")
_SECONDS_BETWEEN_LOOKS = 0.5
_NAME = "postgres"


class Connection:
    """Serves one client that has come in."""

    def __init__(self, wire: Wire, context: DoorContext, talk: Conversation, threads: Executor) -> None:
        self._wire, self._context, self._talk, self._threads = wire, context, talk, threads
        self._runner = Runner(talk, context.identities)
        self._loop = asyncio.get_running_loop()
        self._stream: RowStream | None = None
        self._is_busy = self._is_skipping = self._is_closing = False
        self._ends_with: LakewardError | None = None
        self._handlers: dict[bytes, Callable[[Body], Awaitable[None]]] = {
            b"Q": self._on_query, b"P": self._on_parse, b"B": self._on_bind, b"D": self._on_describe,
            b"E": self._on_execute, b"C": self._on_close, b"H": self._on_flush, b"S": self._on_sync,
        }  # fmt: skip

    @property
    def is_busy(self) -> bool:
        """Whether a statement runs or a message is being answered."""
        return self._is_busy

    def end_statement(self, error: LakewardError) -> None:
        """End the statement that runs, if one does, with an error; called in the loop."""
        if self._is_busy and self._ends_with is None:
            self._ends_with = error
            self._loop.run_in_executor(None, self._runner.cancel, error)
            if self._stream is not None:
                self._threads.submit(self._stream.cancel)

    async def serve(self) -> None:
        """Answer messages until the client goes.

        Raises:
            ClientGoneError: It went without a word.
            LakewardError: It broke the protocol, or may not stay.
        """
        while not self._is_closing:
            letter, body = await self._wire.read()
            if letter == b"X":
                return
            if self._is_skipping and letter != b"S":
                continue
            await self._answer(letter, Body(body))

    async def _answer(self, letter: bytes, body: Body) -> None:
        handler = self._handlers.get(letter)
        if handler is None:
            raise WireError("a message of an unknown kind")
        self._is_busy, self._ends_with = True, None
        self._runner.begin()
        try:
            await handler(body)
        except (ClientGoneError, WireError, UnauthenticatedError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a statement breaks becomes words of ours
            await self._refuse(error)
            self._is_skipping = letter not in {b"S", b"Q"}
            if not self._is_skipping:  # what ends these is what their client waits for, whatever has failed
                self._wire.put(messages.ready(self._talk.status))
                await self._wire.flush()
        finally:
            self._is_busy = False

    async def _refuse(self, error: Exception) -> None:
        self._talk.failed()
        self._wire.put(faults.response(error))
        await self._wire.flush()

    async def _on_query(self, body: Body) -> None:
        text = body.text()
        body.end()
        parts = split(text)
        if not parts:
            self._wire.put(messages.EMPTY_QUERY)
        try:
            for part in parts:
                await self._run_simple(part)
        except (ClientGoneError, WireError, UnauthenticatedError):
            raise
        except Exception as error:  # noqa: BLE001 - as in `_answer`
            await self._refuse(error)
        await self._ready()

    async def _run_simple(self, text: str) -> None:
        statement = read(text)
        self._talk.require_going_on(statement)
        with self._measured() as ran:
            started = await self._in_thread(partial(self._start, statement))
            await self._send(started, Portal(statement), 0, ran, describes=True)

    async def _on_parse(self, body: Body) -> None:
        name, text = body.text(), body.text()
        oids = [body.oid() for _ in range(body.count())]
        body.end()
        parts = split(text)
        if len(parts) > 1:
            raise TooMuchError("one statement at a time in this form", "42601")
        statement = read(parts[0]) if parts else None
        self._talk.require_going_on(statement)
        self._talk.prepared.pop("" if not name else "\0", None)
        self._talk.keep_prepared(name, Prepared(statement, oids))
        self._wire.put(messages.PARSE_COMPLETE)

    async def _on_bind(self, body: Body) -> None:
        name, prepared = body.text(), self._talk.find_prepared(body.text())
        forms = [body.int16() for _ in range(body.count())]
        values = [_value(body) for _ in range(body.count())]
        results = [body.int16() for _ in range(body.count())]
        body.end()
        if set(forms) | set(results) > {0, 1}:
            raise WireError("a form that is neither text nor binary")
        oids = await self._oids(prepared, len(values))
        if len(oids) != len(values) or len(forms) not in {0, 1, len(values)}:
            raise WireError("another number of parameters than the statement takes")
        parameters = decode_all(oids, values, _spread(forms, len(values)))
        if not name and (before := self._talk.portals.get(name)) is not None and before.stream is not None:
            await self._in_thread(partial(self._talk.close_portal, name))  # the loop waits for nobody
        self._talk.keep_portal(name, Portal(prepared.statement, parameters, results))
        self._wire.put(messages.BIND_COMPLETE)

    async def _oids(self, prepared: Prepared, values: int) -> Sequence[int]:
        """Give the types of the parameters; those that the client has left open are found out."""
        is_open = len(prepared.oids) < values or 0 in prepared.oids
        if is_open and values and prepared.statement is not None:
            return (await self._described(prepared))[0]
        return prepared.oids

    async def _described(self, prepared: Prepared) -> tuple[Sequence[int], pa.Schema | None]:
        if prepared.described is None:
            call = partial(self._runner.describe, prepared.statement, prepared.oids)
            prepared.described = await self._in_thread(call)
        return prepared.described

    async def _on_describe(self, body: Body) -> None:
        kind, name = body.take(1), body.text()
        body.end()
        if kind == b"S":
            prepared = self._talk.find_prepared(name)
            self._talk.require_going_on(prepared.statement)
            prepared.described = None
            oids, schema = await self._described(prepared)
            self._wire.put(messages.parameter_description(oids))
            columns = [shape(field) for field in schema] if schema is not None else None
            self._put_columns(columns, ())
        elif kind == b"P":
            portal = self._talk.find_portal(name)
            self._talk.require_going_on(portal.statement)
            self._put_columns(await self._columns(portal), portal.formats)
        else:
            raise WireError("a description of an unknown kind")

    async def _columns(self, portal: Portal) -> Sequence[messages.ColumnShape] | None:
        """Start a query to learn its columns; of anything else they are known without."""
        if isinstance(portal.statement, Query | Show):
            await self._start_portal(portal, is_ahead=self._wire.has_more)
        if isinstance(portal.statement, Fetch) and not portal.statement.moves:
            portal = self._talk.find_portal(portal.statement.name)
        return portal.stream.columns if portal.stream else None

    async def _start_portal(self, portal: Portal, *, is_ahead: bool) -> None:
        if portal.stream is None and portal.statement is not None:
            call = partial(self._start, portal.statement, portal, is_ahead=is_ahead)
            portal.stream = (await self._in_thread(call)).stream

    async def _good_portal(self, portal: Portal, most: int) -> None:
        """Start a portal, or start it again where its rows were read too long ago to go out now."""
        before = portal.stream
        if before is not None and not before.is_good(most):
            portal.stream = None
        await self._start_portal(portal, is_ahead=not most)
        if before is not None and portal.stream is not None and portal.stream.columns != before.columns:
            raise TooMuchError("the columns that were described", "0A000")

    def _start(self, statement: Statement, portal: Portal | None = None, *, is_ahead: bool = True) -> Started:
        """Start a statement, in a thread; ahead, a short answer is read and encoded there and then."""
        parameters, formats = (portal.parameters, portal.formats) if portal is not None else ((), ())
        started = self._runner.start(statement, parameters)
        stream = started.stream
        is_short = is_ahead and isinstance(statement, Query) and stream is not None
        if is_short and stream is not None and _fits(formats, len(stream.columns)):
            try:
                stream.take_ahead(_spread(formats, len(stream.columns)))
            except BaseException:
                stream.close()
                raise
        return started

    def _put_columns(self, columns: Sequence[messages.ColumnShape] | None, formats: Sequence[int]) -> None:
        if columns is None:
            self._wire.put(messages.NO_DATA)
        else:
            self._wire.put(messages.row_description(columns, _spread(formats, len(columns))))

    async def _on_execute(self, body: Body) -> None:
        portal, most = self._talk.find_portal(body.text()), body.int32()
        body.end()
        self._talk.require_going_on(portal.statement)
        if portal.statement is None:
            self._wire.put(messages.EMPTY_QUERY)
            return
        with self._measured() as ran:
            if isinstance(portal.statement, Query | Show):
                await self._good_portal(portal, max(most, 0))
                started = Started(_tag(portal.statement), portal.stream)
            else:
                call = partial(self._runner.start, portal.statement, portal.parameters)
                started = await self._in_thread(call)
            await self._send(started, portal, max(most, 0), ran)

    async def _on_close(self, body: Body) -> None:
        kind, name = body.take(1), body.text()
        body.end()
        if kind == b"S":
            self._talk.prepared.pop(name, None)
        else:
            await self._in_thread(partial(self._talk.close_portal, name))
        self._wire.put(messages.CLOSE_COMPLETE)

    async def _on_flush(self, body: Body) -> None:
        body.end()
        await self._wire.flush()

    async def _on_sync(self, body: Body) -> None:
        body.end()
        self._is_skipping = False
        await self._ready()

    async def _ready(self) -> None:
        if self._talk.status == "I" and self._talk.portals:
            if all(each.stream is None or each.stream.is_closed for each in self._talk.portals.values()):
                self._talk.close_portals()
            else:
                await self._in_thread(self._talk.close_portals, is_watched=False)  # no cancel ends the end
        self._wire.put(messages.ready(self._talk.status))
        await self._wire.flush()

    async def _send(
        self, started: Started, portal: Portal, most: int, ran: "_Ran", *, describes: bool = False
    ) -> None:
        """Send what a statement gives, all of it or as much as was asked for."""
        for name, value in started.reports:
            self._wire.put(messages.parameter_status(name, value))
        stream = started.stream
        if stream is None:
            self._wire.put(messages.complete(started.tag))
            return
        formats = _spread(portal.formats, len(stream.columns))
        if describes and not started.is_copy:
            self._put_columns(stream.columns, formats)
        limit = min(filter(None, (most, started.most)), default=0) if started.most != 0 else -1
        try:
            sent, is_over = await self._send_rows(stream, None if started.is_copy else formats, limit)
        except BaseException:
            await self._in_thread(stream.close, is_watched=False)
            raise
        ran.rows = sent
        if is_over or (started.most and not most):
            if is_over and started.tag != "FETCH" and not stream.is_closed:
                await self._in_thread(stream.close, is_watched=False)
            self._wire.put(
                messages.complete(started.tag if started.tag == "SHOW" else f"{started.tag} {sent}")
            )
        else:
            self._wire.put(messages.PORTAL_SUSPENDED)

    async def _send_rows(
        self, stream: RowStream, formats: Sequence[int] | None, most: int
    ) -> tuple[int, bool]:
        """Send rows; `most` is 0 for all, -1 for none, `formats` None for a binary COPY."""
        if formats is None:
            self._wire.put(messages.copy_out(len(stream.columns)))
        sent, is_over, self._stream = 0, False, stream
        try:
            while most >= 0 and not is_over and (not most or sent < most):
                call = partial(stream.take, formats, most - sent if most else None)
                piece: Piece = call() if stream.is_at_hand else await self._in_thread(call)
                await self._wire.flush(piece.buffers)
                sent, is_over = sent + piece.rows, piece.is_last
        finally:
            self._stream = None
        if formats is None:
            self._wire.put(copy_end(sent))
        return sent, is_over

    async def _in_thread(self, call: Callable[[], T], *, is_watched: bool = True) -> T:
        """Wait for something in a thread; meanwhile look whether the client is there and wants it still."""
        guard = self._context.identities.guarding(self._talk.identity, self._revoked)
        with guard if is_watched else contextlib.nullcontext():
            future = self._loop.run_in_executor(self._threads, call)
            while not (await asyncio.wait({future}, timeout=_SECONDS_BETWEEN_LOOKS))[0]:
                if self._wire.is_gone:
                    self.end_statement(CancelledError())
        try:
            result = future.result()
        except LakewardError:
            if self._ends_with is not None and is_watched:
                raise self._ends_with from None
            raise
        if self._ends_with is not None and is_watched:
            if isinstance(result, Started) and result.stream is not None:
                self._loop.run_in_executor(self._threads, result.stream.close)
            raise self._ends_with
        return result

    def _revoked(self) -> None:
        self._loop.call_soon_threadsafe(self.end_statement, UnauthenticatedError())

    @contextlib.contextmanager
    def _measured(self) -> Iterator["_Ran"]:
        ran, start = _Ran(), time.monotonic()
        try:
            with self._context.metrics.running(_NAME):
                yield ran
        except Exception as error:
            seconds = time.monotonic() - start
            self._context.metrics.statement(_NAME, faults.outcome(error), seconds=seconds, rows=ran.rows)
            raise
        seconds = time.monotonic() - start
        self._context.metrics.statement(_NAME, "complete", seconds=seconds, rows=ran.rows)

    def close(self) -> None:
        """End whatever still runs; called in a thread."""
        self._runner.close()


@dataclass(slots=True)
class _Ran:
    """How many rows a statement has given."""

    rows: int = 0


def _tag(statement: Statement) -> str:
    return "SHOW" if isinstance(statement, Show) else "COPY" if isinstance(statement, Copy) else "SELECT"


def _value(body: Body) -> bytes | None:
    length = body.int32()
    return None if length == -1 else body.take(length)


def _spread(forms: Sequence[int], count: int) -> Sequence[int]:
    """Give a form for each of `count` values: none said means text, one said means it for all.

    Raises:
        WireError: As many were said as fit nothing.
    """
    if not _fits(forms, count):
        raise WireError("another number of forms than columns")
    return forms if len(forms) == count else [forms[0] if forms else 0] * count


def _fits(forms: Sequence[int], count: int) -> bool:
    return len(forms) in {0, 1, count}
