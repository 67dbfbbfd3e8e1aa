"""As much of HTTP/2 and gRPC as it takes to say something strange in them."""

import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.gateway.fuzz.drive import HungError, check

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
_WIDE = 0x7FFF0000


def frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    """One frame."""
    return struct.pack("!I", len(body))[1:] + struct.pack("!BBI", kind, flags, stream) + body


def opening() -> bytes:
    """How a client begins, with windows that never make the server wait."""
    wide = frame(SETTINGS, 0, 0, struct.pack("!HI", 4, _WIDE))
    return PREFACE + wide + frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", _WIDE))


def fields(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Header fields as HPACK's literals, which need no table."""
    return b"".join(b"\x10" + _text(name) + _text(value) for name, value in pairs)


def _text(value: bytes) -> bytes:
    return _length(len(value)) + value


def _length(size: int) -> bytes:
    if size < 127:
        return bytes([size])
    rest, coded = size - 127, b"\x7f"
    while rest >= 128:
        coded, rest = coded + bytes([rest % 128 + 128]), rest // 128
    return coded + bytes([rest])


def grpc(message: bytes, *, length: int | None = None, flag: int = 0) -> bytes:
    """One message of gRPC."""
    return struct.pack("!BI", flag, len(message) if length is None else length % (1 << 32)) + message


def call(stream: int, path: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes:
    """A whole call: its headers and its messages."""
    first = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"x")]
    usual = [(b"te", b"trailers"), (b"content-type", b"application/grpc")]
    head = frame(HEADERS, END_HEADERS, stream, fields([*first, *usual, *headers]))
    parts = [body[at : at + 16_000] for at in range(0, len(body), 16_000)] or [b""]
    sent = [frame(DATA, 0, stream, part) for part in parts[:-1]]
    return b"".join([head, *sent, frame(DATA, END_STREAM, stream, parts[-1])])


@dataclass
class Answers:
    """What came back on a connection.

    Attributes:
        over: The streams that have ended.
        body: The bytes of all messages.
        is_open: Whether the door still listens.
    """

    over: set[int] = field(default_factory=set)
    body: bytearray = field(default_factory=bytearray)
    is_open: bool = True


def read_answers(connection: socket.socket, wanted: set[int], rest: bytearray, sent: object) -> Answers:
    """Read until the streams are over, or the door has closed."""
    found = Answers()
    while not wanted <= found.over:
        try:
            chunk = connection.recv(1 << 16)
        except TimeoutError:
            raise HungError(sent, wanted - found.over, bytes(rest[:2_000])) from None
        except OSError:
            chunk = b""
        if not chunk:
            found.is_open = False
            break
        rest += chunk
        _take_frames(connection, rest, found)
    check(bytes(found.body), sent)
    return found


def _take_frames(connection: socket.socket, rest: bytearray, found: Answers) -> None:
    while len(rest) >= 9 and len(rest) >= 9 + (size := int.from_bytes(rest[:3], "big")):
        kind, flags, stream = struct.unpack("!BBI", rest[3:9])
        body = bytes(rest[9 : 9 + size])
        del rest[: 9 + size]
        found.body += body
        if kind == RST_STREAM or (kind in {DATA, HEADERS} and flags & END_STREAM):
            found.over.add(stream)
        if kind == GOAWAY:
            found.is_open = False
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(frame(SETTINGS, ACK, 0, b""))
