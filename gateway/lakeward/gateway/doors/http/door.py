"""The HTTP door: a server in a thread of its own."""

import logging
import math
import socket
import threading
import time

import uvicorn

from lakeward.gateway.doors.door import AddressUnavailableError, DoorContext
from lakeward.gateway.doors.http.app import HttpApp
from lakeward.gateway.doors.http.protocol import MOST_HEAD, BoundedProtocol
from lakeward.gateway.serve.settings import serve_settings

_SECONDS_TO_START = 30.0
_SECONDS_AFTER_CANCEL = 3  # for those that were ended to say so
_KEEP_ALIVE = 30  # seconds


class HttpDoor:
    """Serves HTTP/1.1, inside TLS unless the context allows plaintext."""

    name = "http"

    def __init__(self, context: DoorContext, host: str, port: int) -> None:
        context.check_address(host)
        self._context = context
        self._host, self._port = host, port
        self._app = HttpApp(context)
        self._server = uvicorn.Server(self._config())
        self._thread: threading.Thread | None = None

    def _config(self) -> uvicorn.Config:
        settings = serve_settings(self._context.gateway.lake)
        protocol = type("Protocol", (BoundedProtocol,), {"most_connections": settings.http_connections})
        _silence_server()
        config = uvicorn.Config(
            self._app.asgi(),
            http=protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            h11_max_incomplete_event_size=MOST_HEAD,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies,
        )
        config.load()
        if self._context.tls is not None:
            config.ssl = self._context.tls.context()
            config.ssl.set_alpn_protocols(["http/1.1"])
        return config

    def start(self) -> tuple[str, int]:
        """Bind and serve; see `Door.start`."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            bound = socket.create_server((self._host, self._port), family=family, backlog=512)
        except OSError:
            raise AddressUnavailableError(self.name, self._host, self._port) from None
        bound.settimeout(0.0)
        # Connections inherit it; asyncio sets it only where a socket names its protocol: this one does not.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread = threading.Thread(
            target=self._server.run, args=([bound],), name="lakeward-http-loop", daemon=True
        )
        self._thread.start()
        until = time.monotonic() + _SECONDS_TO_START
        while not self._server.started:
            if time.monotonic() > until or not self._thread.is_alive():
                raise AddressUnavailableError(self.name, self._host, self._port)
            time.sleep(0.005)
        host, port = bound.getsockname()[:2]
        return host, port

    def stop(self, seconds: float) -> None:
        """Drain, then cancel; see `Door.stop`."""
        self._server.config.timeout_graceful_shutdown = math.ceil(seconds) + _SECONDS_AFTER_CANCEL
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(seconds)
            self._app.cancel_all()
            self._thread.join(2 * _SECONDS_AFTER_CANCEL)
        self._app.close()


def _silence_server() -> None:
    """Keep the server's own log off stderr: it writes tracebacks, whose text could hold a value."""
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.disabled = True
