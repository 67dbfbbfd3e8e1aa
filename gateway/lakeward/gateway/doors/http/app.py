"""The routes of the HTTP door. Whatever blocks runs in threads; the loop only moves bytes."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import wraps
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.http.openapi import openapi_document
from lakeward.gateway.doors.http.parameters import scalar
from lakeward.gateway.doors.http.replies import HEADERS, RequestError, error_reply, unforeseen_reply
from lakeward.gateway.doors.http.requests import QueryRequest, accepted, credentials, read_query
from lakeward.gateway.doors.http.sign_in import sign_in
from lakeward.gateway.doors.http.statements import DOOR, HttpStatement, Running
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.visible import visible_tables

_SIGNING_IN = 32  # statements whose principal is not known yet, and so has no place among the others
_QUICK_THREADS = 8  # for what must go on while every statement's thread is busy
_SECONDS_TO_TAKE = 60.0  # a client that takes no byte for so long is gone
T = TypeVar("T")
Endpoint = Callable[["HttpApp", Request], Awaitable[Response]]


class StreamEndedError(Exception):
    """Makes the server close the connection before the body's end: the client sees that it is not whole."""


def endpoint(method: Endpoint) -> Endpoint:
    """Turn whatever a method raises into a reply; of what nobody foresaw the log gets the class alone."""

    @wraps(method)
    async def guarded(self: "HttpApp", request: Request) -> Response:
        try:
            return await method(self, request)
        except LakewardError as error:
            if isinstance(error, UnauthenticatedError):
                self.context.metrics.sign_in_refused(DOOR)
            return error_reply(error)
        except Exception as fault:  # noqa: BLE001  the boundary: its text could hold a value
            self.context.log.event("unexpected", door=DOOR, fault=type(fault).__name__)
            return unforeseen_reply()

    return guarded


class HttpApp:
    """What the door's routes share."""

    def __init__(self, context: DoorContext) -> None:
        self.context = context
        limits = context.gateway.limits
        most = limits.total_statements + limits.total_queue + _SIGNING_IN
        self._running = Running(most)
        self._pool = ThreadPoolExecutor(most, "lakeward-http")
        self._quick = ThreadPoolExecutor(_QUICK_THREADS, "lakeward-http-quick")

    def asgi(self) -> Starlette:
        """Give the application that a server runs."""
        routes = [
            Route("/v1/query", self.query, methods=["POST"]),
            Route("/v1/explain", self.explain, methods=["POST"]),
            Route("/v1/tables", self.tables, methods=["GET"]),
            Route("/v1/statements/{name}", self.cancel, methods=["DELETE"]),
            Route("/health", self.health, methods=["GET"]),
            Route("/ready", self.ready, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _no_route})

    def cancel_all(self) -> None:
        """End whatever runs."""
        self._running.cancel_all()

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._quick.shutdown(wait=False, cancel_futures=True)

    @endpoint
    async def query(self, request: Request) -> Response:
        """Run a statement and stream its rows."""
        asked, media_type = await read_query(request), accepted(request)
        statement = HttpStatement(self.context, self._running, credentials(request), asked, media_type)
        self._running.enter(statement)
        gone = asyncio.create_task(_disconnected(request))
        try:
            first = await self._unless_gone(gone, statement, statement.begin)
        except BaseException:
            gone.cancel()
            raise
        return StatementReply(self, statement, first, gone, media_type)

    async def _unless_gone(
        self, gone: "asyncio.Task[None]", statement: HttpStatement, step: Callable[[], bytes]
    ) -> bytes:
        """Run a step of a statement; cancel the statement when its client goes away meanwhile."""
        working = asyncio.get_running_loop().run_in_executor(self._pool, step)
        try:
            both: set[asyncio.Future[Any]] = {gone, working}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            statement.cancel()
            working.add_done_callback(lambda _: self._pool.submit(statement.close))
            raise
        if not working.done():
            statement.cancel()
        return await working

    @endpoint
    async def explain(self, request: Request) -> Response:
        """Say what would be decided for a statement."""
        asked = await read_query(request)
        return await self._in_thread(lambda: self._explain(request, asked), self._pool)

    def _explain(self, request: Request, asked: QueryRequest) -> Response:
        shown = credentials(request)
        identity = sign_in(self.context.identities, shown)
        session = self.context.gateway.session(
            identity.principal, shown.purpose, dialect=asked.dialect, groups=identity.groups
        )
        parameters = [scalar(each) for each in asked.parameters]
        explanation = self.context.gateway.explain(session, asked.sql, at=asked.at, parameters=parameters)
        return JSONResponse(asdict(explanation), headers=HEADERS)

    @endpoint
    async def tables(self, request: Request) -> Response:
        """List what the principal may read."""
        return await self._in_thread(lambda: self._tables(request), self._pool)

    def _tables(self, request: Request) -> Response:
        shown = credentials(request)
        identity = sign_in(self.context.identities, shown)
        session = self.context.gateway.session(identity.principal, shown.purpose, groups=identity.groups)
        with self.context.gateway.room(session):
            tables = [asdict(each) for each in visible_tables(self.context.gateway, session)]
        return JSONResponse({"tables": tables}, headers=HEADERS)

    @endpoint
    async def cancel(self, request: Request) -> Response:
        """Cancel a statement of the principal's own."""
        return await self._in_thread(lambda: self._cancel(request))

    def _cancel(self, request: Request) -> Response:
        identity = sign_in(self.context.identities, credentials(request))
        if not self._running.cancel(identity.principal, request.path_params["name"]):
            raise RequestError(404, "no statement of yours runs under this id")
        return Response(status_code=204, headers=HEADERS)

    @endpoint
    async def health(self, _request: Request) -> Response:
        """Say that the process lives."""
        return JSONResponse({"status": "alive"}, headers=HEADERS)

    @endpoint
    async def ready(self, _request: Request) -> Response:
        """Say whether statements are taken: every door is open, and the store answers."""
        if not self.context.readiness.is_open:
            return JSONResponse({"status": "closed"}, 503, HEADERS)
        await self._in_thread(self.context.gateway.lake.store.version)
        return JSONResponse({"status": "ready"}, headers=HEADERS)

    @endpoint
    async def metrics(self, _request: Request) -> Response:
        """Give the counters, for Prometheus."""
        return Response(self.context.metrics.text(), media_type="text/plain; version=0.0.4", headers=HEADERS)

    @endpoint
    async def openapi(self, _request: Request) -> Response:
        """Describe the door."""
        return JSONResponse(openapi_document(), headers=HEADERS)

    async def _in_thread(self, work: Callable[[], T], pool: ThreadPoolExecutor | None = None) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool or self._quick, work)


class StatementReply(Response):
    """Sends an answer as it comes, the next bytes being made while the last ones travel."""

    def __init__(
        self,
        app: HttpApp,
        statement: HttpStatement,
        first: bytes,
        gone: "asyncio.Task[None]",
        media_type: str,
    ) -> None:
        super().__init__(
            media_type=media_type, headers={**HEADERS, "x-lakeward-statement": statement.statement_id or ""}
        )
        del self.headers["content-length"]
        self._app, self._statement, self._first, self._gone = app, statement, first, gone

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the head and the body."""
        try:
            await self._send(send)
        finally:
            self._gone.cancel()
            await asyncio.shield(self._app._in_thread(self._statement.close))  # noqa: SLF001  of this module

    async def _send(self, send: Send) -> None:
        statement, body = self._statement, self._first
        if statement.is_whole:
            self.headers["content-length"] = str(len(body))
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        while not statement.is_whole and not self._gone.done():
            taken = asyncio.ensure_future(_taken(send, {"body": body, "more_body": True}))
            try:
                body = await self._app._unless_gone(self._gone, statement, statement.more)  # noqa: SLF001
                await taken
            except BaseException:  # noqa: BLE001  the record says what it was; the client, that it is not
                taken.cancel()
                raise StreamEndedError from None
        if not statement.is_whole:
            raise StreamEndedError
        await _taken(send, {"body": body, "more_body": False})


async def _taken(send: Send, message: dict[str, object]) -> None:
    """Send, and wait no longer than a living client takes."""
    async with asyncio.timeout(_SECONDS_TO_TAKE):
        await send({"type": "http.response.body", **message})


async def _disconnected(request: Request) -> None:
    """End when the client goes away; its body was read before."""
    message: Message = {"type": ""}
    with contextlib.suppress(asyncio.CancelledError):
        while message["type"] != "http.disconnect":
            message = await request.receive()


async def _no_route(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return error_reply(RequestError(status, "there is no such path, or not with this method"))
