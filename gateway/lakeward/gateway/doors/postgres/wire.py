"""One connection's bytes: messages in, with a bound on each; messages out, with back-pressure."""

import asyncio
import ssl
import struct
from collections.abc import Iterable

from lakeward.gateway.doors.postgres.errors import TooMuchError, WireError

_HEAD = struct.Struct("!ci")
MOST_STARTUP = 10_000
MOST_SIGN_IN = 2_048
MOST_MESSAGE = 16 << 20


class ClientGoneError(ConnectionError):
    """The client has closed the connection."""


class Wire:
    """Reads and writes one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._waiting: list[bytes | memoryview] = []
        self.most = MOST_SIGN_IN

    @property
    def peer(self) -> str:
        """The address at the other end, without its port."""
        found = self._writer.get_extra_info("peername")
        return str(found[0]) if isinstance(found, tuple) else ""

    @property
    def is_gone(self) -> bool:
        """Whether the client has hung up and left nothing to read."""
        return self._reader.at_eof() or self._writer.is_closing()

    @property
    def has_more(self) -> bool:
        """Whether the client has said more than was read."""
        return bool(self._reader._buffer)  # type: ignore[attr-defined]  # noqa: SLF001  as in `start_tls`

    async def read_startup(self) -> bytes:
        """Read a message that has no letter: the first ones of a connection.

        Raises:
            WireError: Its length is none that such a message has.
        """
        length = int.from_bytes(await self._exactly(4), "big")
        if not 8 <= length <= MOST_STARTUP:  # noqa: PLR2004  a length and a code
            raise WireError("a first message of an impossible length")
        return await self._exactly(length - 4)

    async def read(self) -> tuple[bytes, bytes]:
        """Read one message: its letter and its body.

        Raises:
            TooMuchError: It is longer than the door takes.
            WireError: Its length is impossible.
        """
        letter, length = _HEAD.unpack(await self._exactly(5))
        if length < 4:  # noqa: PLR2004  the length counts itself
            raise WireError("a message of an impossible length")
        if length > self.most:
            raise TooMuchError(f"messages of at most {self.most} bytes")
        return letter, await self._exactly(length - 4)

    async def _exactly(self, size: int) -> bytes:
        try:
            return await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            raise ClientGoneError from None

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands, unless the client has sent something that nobody could have encrypted.

        Raises:
            WireError: It has: somebody in between may have put it there.
            ClientGoneError: The handshake failed.
        """
        if self._reader._buffer:  # type: ignore[attr-defined]  # noqa: SLF001  asyncio has no other way to ask
            raise WireError("bytes before the handshake")
        try:
            await self._writer.start_tls(context, ssl_handshake_timeout=10)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
            raise ClientGoneError from None

    def put(self, piece: bytes | memoryview) -> None:
        """Keep a message until the next `flush`."""
        self._waiting.append(piece)

    async def flush(self, more: Iterable[bytes | memoryview] = ()) -> None:
        """Send what waits, and more; returns when the client has taken nearly all of it.

        Raises:
            ClientGoneError: It is not there any more.
        """
        small, self._waiting = self._waiting, []
        try:
            if small:
                self._writer.write(b"".join(small))
            for piece in more:
                self._writer.write(piece)
                await self._writer.drain()
            await self._writer.drain()
        except (ConnectionError, ssl.SSLError, RuntimeError):
            raise ClientGoneError from None

    def abort(self) -> None:
        """Drop the connection without waiting for anybody."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection; a client that does not answer is not waited for."""
        self._writer.close()
        try:
            async with asyncio.timeout(2):
                await self._writer.wait_closed()
        except (OSError, ssl.SSLError, TimeoutError):
            self.abort()
