"""The Flight SQL door: a gRPC server whose threads are its own."""

import os
import threading

import pyarrow as pa

from lakeward.gateway.doors.door import AddressUnavailableError, DoorContext
from lakeward.gateway.doors.flight.server import FlightServer
from lakeward.gateway.doors.tls import UnusableCertificateError

_SECONDS_AFTER_CANCEL = 3.0  # for those that were ended to say so


class FlightDoor:
    """Serves Flight SQL over gRPC, inside TLS unless the context allows plaintext."""

    name = "flight"

    def __init__(self, context: DoorContext, host: str, port: int) -> None:
        context.check_address(host)
        self._context, self._host, self._port = context, host, port
        self._server: FlightServer | None = None

    def start(self) -> tuple[str, int]:
        """Bind and serve; see `Door.start`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        scheme = "grpc+tcp" if self._context.tls is None else "grpc+tls"
        certificates = self._certificates()
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # or a stranger's bytes make lines beside the log
        try:
            self._server = FlightServer(self._context, f"{scheme}://{host}:{self._port}", certificates)
        except (pa.ArrowException, OSError):
            raise AddressUnavailableError(self.name, self._host, self._port) from None
        return self._host, self._server.port

    def _certificates(self) -> list[tuple[bytes, bytes]]:
        tls = self._context.tls
        if tls is None:
            return []
        tls.context()  # says whether the two belong together, which gRPC does not
        try:
            return [(tls.certificate.read_bytes(), tls.key.read_bytes())]
        except OSError:
            raise UnusableCertificateError(tls.certificate, tls.key) from None

    def stop(self, seconds: float) -> None:
        """Drain, then cancel; see `Door.stop`."""
        if self._server is None:
            return
        self._server.running.close(seconds, _SECONDS_AFTER_CANCEL)
        ending = threading.Thread(target=self._server.shutdown, name="lakeward-flight-end", daemon=True)
        ending.start()
        ending.join(_SECONDS_AFTER_CANCEL)  # a client that takes nothing could keep it waiting
