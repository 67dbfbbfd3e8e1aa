"""The messages of protocol 3.0 as bytes: what a server sends, and how to read what a client sends.

Source: PostgreSQL documentation, Frontend/Backend Protocol, Message Formats.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lakeward.gateway.doors.postgres.errors import WireError

CANCEL_REQUEST = 80_877_102
SSL_REQUEST = 80_877_103
GSSENC_REQUEST = 80_877_104
PROTOCOL_3 = 3 << 16

_INT16, _INT32 = struct.Struct("!h"), struct.Struct("!i")
_FIELD = struct.Struct("!ihihih")

AUTHENTICATION_OK = b"R\0\0\0\x08\0\0\0\0"
PARSE_COMPLETE, BIND_COMPLETE, CLOSE_COMPLETE = b"1\0\0\0\x04", b"2\0\0\0\x04", b"3\0\0\0\x04"
NO_DATA, EMPTY_QUERY, PORTAL_SUSPENDED = b"n\0\0\0\x04", b"I\0\0\0\x04", b"s\0\0\0\x04"


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """One column of an answer as a client sees it."""

    name: str
    oid: int
    size: int
    modifier: int = -1


def message(kind: bytes, body: bytes) -> bytes:
    """Give one message: its letter, its length, its body."""
    return kind + _INT32.pack(len(body) + 4) + body


def text(value: str) -> bytes:
    """Give a text that ends with a zero byte, and holds none."""
    return value.replace("\0", "").encode("utf-8", "replace") + b"\0"


def authentication(code: int, body: bytes = b"") -> bytes:
    """Give an Authentication message."""
    return message(b"R", _INT32.pack(code) + body)


def sasl_mechanisms(names: Iterable[str]) -> bytes:
    """Give AuthenticationSASL."""
    return authentication(10, b"".join(text(name) for name in names) + b"\0")


def parameter_status(name: str, value: str) -> bytes:
    """Give ParameterStatus."""
    return message(b"S", text(name) + text(value))


def backend_key(process: int, secret: int) -> bytes:
    """Give BackendKeyData."""
    return message(b"K", struct.pack("!II", process, secret))


def ready(status: str) -> bytes:
    """Give ReadyForQuery: `I` idle, `T` in a transaction, `E` in a failed one."""
    return message(b"Z", status.encode("ascii"))


def complete(tag: str) -> bytes:
    """Give CommandComplete."""
    return message(b"C", text(tag))


def row_description(columns: Sequence[ColumnShape], formats: Sequence[int]) -> bytes:
    """Give RowDescription."""
    parts = [_INT16.pack(len(columns))]
    for column, form in zip(columns, formats, strict=True):
        oid = _signed(column.oid)
        parts += [text(column.name), _FIELD.pack(0, 0, oid, column.size, column.modifier, form)]
    return message(b"T", b"".join(parts))


def parameter_description(oids: Sequence[int]) -> bytes:
    """Give ParameterDescription."""
    return message(b"t", _INT16.pack(len(oids)) + b"".join(_INT32.pack(_signed(oid)) for oid in oids))


def copy_out(columns: int) -> bytes:
    """Give CopyOutResponse for binary columns."""
    return message(b"H", b"\x01" + _INT16.pack(columns) + _INT16.pack(1) * columns)


def error(severity: str, sqlstate: str, words: str, hint: str | None) -> bytes:
    """Give ErrorResponse."""
    return _response(b"E", severity, sqlstate, words, hint)


def notice(severity: str, sqlstate: str, words: str, hint: str | None = None) -> bytes:
    """Give NoticeResponse."""
    return _response(b"N", severity, sqlstate, words, hint)


def _response(kind: bytes, severity: str, sqlstate: str, words: str, hint: str | None) -> bytes:
    fields = [("S", severity), ("V", severity), ("C", sqlstate), ("M", words)]
    fields += [("H", hint)] if hint else []
    return message(kind, b"".join(name.encode("ascii") + text(value) for name, value in fields) + b"\0")


def _signed(oid: int) -> int:
    return oid - (1 << 32) if oid >= 1 << 31 else oid


class Body:
    """Reads the body of one message from its start to its end."""

    __slots__ = ("_at", "_bytes")

    def __init__(self, body: bytes) -> None:
        self._bytes = body
        self._at = 0

    def take(self, size: int) -> bytes:
        """Give the next bytes.

        Raises:
            WireError: There are fewer.
        """
        end = self._at + size
        if size < 0 or end > len(self._bytes):
            raise WireError("a message that ends too early")
        piece, self._at = self._bytes[self._at : end], end
        return piece

    def int16(self) -> int:
        """Give a signed number of two bytes."""
        return int(_INT16.unpack(self.take(2))[0])

    def int32(self) -> int:
        """Give a signed number of four bytes."""
        return int(_INT32.unpack(self.take(4))[0])

    def oid(self) -> int:
        """Give an unsigned number of four bytes."""
        return int.from_bytes(self.take(4), "big")

    def count(self) -> int:
        """Give the length of a list; every item takes two bytes at least.

        Raises:
            WireError: It cannot be so long.
        """
        number = int.from_bytes(self.take(2), "big")
        if number * 2 > len(self._bytes) - self._at:
            raise WireError("a list longer than its message")
        return number

    def text(self) -> str:
        """Give a text that ends with a zero byte.

        Raises:
            WireError: It does not end, or is no UTF-8.
        """
        end = self._bytes.find(b"\0", self._at)
        if end < 0:
            raise WireError("a text without an end")
        piece = self.take(end - self._at)
        self._at += 1
        try:
            return piece.decode("utf-8")
        except UnicodeDecodeError:
            raise WireError("a text that is no UTF-8") from None

    def rest(self) -> bytes:
        """Give what is left."""
        return self.take(len(self._bytes) - self._at)

    def end(self) -> None:
        """Require that nothing is left.

        Raises:
            WireError: Something is.
        """
        if self._at != len(self._bytes):
            raise WireError("a message longer than what it says")
