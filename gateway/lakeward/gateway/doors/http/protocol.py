"""HTTP/1.1 with bounds that the server lacks: connections, and the time to say what is asked."""

import asyncio
from typing import Any

from starlette.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from lakeward.gateway.doors.http.replies import HEADERS, error_body

SECONDS_TO_ASK = 20.0
SECONDS_TO_PART = 1.0  # inside TLS a peer is to say goodbye too, and an idle one may never look
MOST_HEAD = 32_768  # bytes of a request's line and headers


class BoundedProtocol(H11Protocol):
    """One connection; it is closed when its request's head does not come in time."""

    most_connections = 256
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection in, or refuse it for want of room; note the certificate that it shows."""
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        self.app_state = {**self.app_state, "certificate": certificate}
        if len(self.connections) > self.most_connections:
            self.app = overloaded
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and stop the clock when they complete a request's head."""
        if not self._is_answering():
            self._wait()
        super().data_received(data)
        if self._is_answering():
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_waiting()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close because the server stops: at once where nothing is being answered."""
        super().shutdown()
        if not self._is_answering():
            self.loop.call_later(SECONDS_TO_PART, self.transport.abort)

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(SECONDS_TO_ASK, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if not self._is_answering():
            self.transport.close()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = (
            self.cycle
        )  # None before the first request, whatever its type says
        return cycle is not None and not cycle.response_complete


async def overloaded(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  the shape of ASGI
    """Refuse a request at once, with a hint when to come again."""
    body = error_body(
        "overloaded", "The gateway has no room for another connection.", "Try again in a few seconds."
    )
    headers = {**HEADERS, "retry-after": "5", "connection": "close"}
    await JSONResponse(body, 503, headers)(scope, receive, send)
