"""The PostgreSQL door: a loop in a thread of its own that takes connections and sees them out."""

import asyncio
import contextlib
import hashlib
import secrets
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.doors.door import AddressUnavailableError, DoorContext
from lakeward.gateway.doors.postgres import faults, messages
from lakeward.gateway.doors.postgres.connection import Connection
from lakeward.gateway.doors.postgres.conversation import Conversation
from lakeward.gateway.doors.postgres.errors import (
    CancelledError,
    ClosingError,
    TooMuchError,
    WireError,
)
from lakeward.gateway.doors.postgres.settings import PURPOSE, Settings, from_options
from lakeward.gateway.doors.postgres.sign_in import sign_in
from lakeward.gateway.doors.postgres.startup import CancelRequest, Startup, negotiate
from lakeward.gateway.doors.postgres.wire import MOST_MESSAGE, ClientGoneError, Wire
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identity import Identity

MOST_CONNECTIONS = 100
_SECONDS_TO_SIGN_IN = 20.0
_BEFORE_SIGN_IN = 64
_NOT_SETTINGS = frozenset({"database", "options"})
Key = tuple[int, int]


class PostgresDoor:
    """Serves PostgreSQL's protocol 3.0; see `lakeward.gateway.doors.door.Door`."""

    def __init__(
        self, context: DoorContext, host: str, port: int, *, connections: int = MOST_CONNECTIONS
    ) -> None:
        self._context, self._host, self._port = context, host, port
        self._most = connections
        self._threads = ThreadPoolExecutor(connections + 8, thread_name_prefix="lakeward-postgres")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="lakeward-postgres", daemon=True)
        self._open: dict[Key, Connection] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._tls: ssl.SSLContext | None = None
        self._binding: bytes | None = None
        self._is_closing = False

    @property
    def name(self) -> str:
        """What metrics and logs call it."""
        return "postgres"

    def start(self) -> tuple[str, int]:
        """Bind, serve in a thread of the door's own, and return the address that was bound.

        Raises:
            AddressUnavailableError: The address cannot be bound.
            PlaintextRefusedError: It would speak plaintext to other machines.
        """
        self._context.check_address(self._host)
        if self._context.tls is not None:
            self._tls = self._context.tls.context()
            self._binding = _end_point(self._context.tls.certificate.read_text("ascii"))
        self._thread.start()
        try:
            return asyncio.run_coroutine_threadsafe(self._bind(), self._loop).result()
        except OSError:
            self._stop_loop()
            raise AddressUnavailableError("PostgreSQL", self._host, self._port) from None

    async def _bind(self) -> tuple[str, int]:
        self._server = await asyncio.start_server(self._accept, self._host, self._port, backlog=256)
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def stop(self, seconds: float) -> None:
        """Accept nothing more, let running statements end for `seconds`, then cancel them and return."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._stop(seconds), self._loop).result()
            self._stop_loop()

    def _stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._threads.shutdown()
        self._loop.close()

    async def _stop(self, seconds: float) -> None:
        self._is_closing = True
        if self._server is not None:
            self._server.close()
        until = self._loop.time() + seconds
        while self._loop.time() < until and self._is_busy:  # noqa: ASYNC110  it ends with a deadline
            await asyncio.sleep(0.05)
        for each in self._open.values():
            each.end_statement(ClosingError())
        if self._is_busy:
            await asyncio.sleep(0.2)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    @property
    def _is_busy(self) -> bool:
        return any(each.is_busy for each in self._open.values())

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(reader, writer)
        task = asyncio.current_task()
        if task is None or self._is_closing or len(self._tasks) >= self._most + _BEFORE_SIGN_IN:
            wire.abort()
            return
        self._tasks.add(task)
        try:
            with self._context.metrics.connection(self.name):
                await self._serve(wire)
        except ClientGoneError:
            wire.abort()
        except asyncio.CancelledError:
            with contextlib.suppress(ClientGoneError):
                await wire.flush([faults.response(ClosingError(), "FATAL")])
        except Exception as error:  # noqa: BLE001 - the last boundary: one connection's fault stays its own
            await self._send_off(wire, error)
        finally:
            await wire.close()
            self._tasks.discard(task)

    async def _send_off(self, wire: Wire, error: Exception) -> None:
        code = error.code if isinstance(error, LakewardError) else "unexpected"
        fault = None if isinstance(error, LakewardError) else type(error).__name__
        self._context.log.event("connection-ended", door=self.name, peer=wire.peer, code=code, fault=fault)
        if isinstance(error, UnauthenticatedError):
            self._context.metrics.sign_in_refused(self.name)
        with contextlib.suppress(ClientGoneError, TimeoutError):
            async with asyncio.timeout(2):
                await wire.flush([faults.response(error, "FATAL")])

    async def _serve(self, wire: Wire) -> None:
        try:
            async with asyncio.timeout(_SECONDS_TO_SIGN_IN):
                found = await self._come_in(wire)
        except TimeoutError:
            raise WireError("nothing for too long before it had signed in") from None
        if found is None:
            return
        startup, identity = found
        talk = await self._loop.run_in_executor(self._threads, self._begin, startup, identity)
        connection = Connection(wire, self._context, talk, self._threads)
        key = self._new_key()
        self._open[key] = connection
        try:
            self._greet(wire, talk, key)
            await wire.flush()
            await connection.serve()
        finally:
            self._open.pop(key, None)
            connection.end_statement(CancelledError())
            await asyncio.shield(self._loop.run_in_executor(self._threads, connection.close))

    async def _come_in(self, wire: Wire) -> tuple[Startup, Identity] | None:
        startup = await negotiate(wire, self._tls, needs_tls=self._tls is not None)
        if isinstance(startup, CancelRequest):
            if connection := self._open.get((startup.process, startup.secret)):
                connection.end_statement(CancelledError())
            return None
        if len(self._open) >= self._most:
            raise TooMuchError(f"at most {self._most} connections", "53300")
        binding = self._binding if startup.is_secure else None
        identity = await sign_in(wire, self._context.identities, startup.user, binding)
        wire.most = MOST_MESSAGE
        self._context.log.event(
            "signed-in", door=self.name, peer=wire.peer, principal=identity.principal, method=identity.method
        )
        return startup, identity

    def _begin(self, startup: Startup, identity: Identity) -> Conversation:
        """Take the settings that came with the connection; a purpose among them is checked at once."""
        gateway = self._context.gateway
        settings = Settings(identity.principal, gateway.names.default_namespace)
        given = {name: value for name, value in startup.parameters.items() if name not in _NOT_SETTINGS}
        for name, value in [*given.items(), *from_options(startup.parameters.get("options", ""))]:
            settings.start(name, value)
        talk = Conversation(gateway, identity, settings)
        if settings.get(PURPOSE):
            talk.session()
        return talk

    def _greet(self, wire: Wire, talk: Conversation, key: Key) -> None:
        for name, value in talk.settings.reported():
            wire.put(messages.parameter_status(name, value))
        wire.put(messages.backend_key(*key))
        wire.put(messages.ready("I"))

    def _new_key(self) -> Key:
        """Make a key that nobody guesses: 63 bits from the system's source."""
        while (key := (secrets.randbits(31), secrets.randbits(32))) in self._open:
            continue
        return key


def _end_point(pem: str) -> bytes:
    """Hash the door's certificate for `tls-server-end-point` (RFC 5929)."""
    from cryptography import x509  # noqa: PLC0415  only a door with TLS needs it

    der = ssl.PEM_cert_to_DER_cert(pem[: pem.index("-----END CERTIFICATE-----") + 25])
    algorithm = x509.load_der_x509_certificate(der).signature_hash_algorithm
    name = algorithm.name if algorithm else "sha256"
    return hashlib.new("sha256" if name in {"md5", "sha1"} else name, der).digest()
