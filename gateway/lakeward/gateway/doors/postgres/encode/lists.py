"""Lists of scalars in PostgreSQL's two forms; lists are rare, and made one by one."""

import struct
from collections.abc import Iterator, Sequence

import pyarrow as pa

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.:")
_HEADER, _LENGTH = struct.Struct("!iiIii"), struct.Struct("!i")


def text_lists(column: pa.Array, elements: Sequence[bytes | None]) -> pa.Array:
    """Give `{a,b,NULL}` for each list; `elements` are the texts of its flattened values."""
    made = [
        None if each is None else b"{" + b",".join(map(_element, each)) + b"}"
        for each in _parts(column, elements)
    ]
    return pa.array(made, pa.binary())


def binary_lists(column: pa.Array, elements: Sequence[bytes | None], oid: int) -> pa.Array:
    """Give each list as one dimension, its elements' type and its elements."""
    made = [None if each is None else _binary(each, oid) for each in _parts(column, elements)]
    return pa.array(made, pa.binary())


def _parts(column: pa.Array, elements: Sequence[bytes | None]) -> Iterator[Sequence[bytes | None] | None]:
    at = 0
    for length in column.value_lengths().to_pylist():
        yield None if length is None else elements[at : at + length]
        at += length or 0


def _element(value: bytes | None) -> bytes:
    if value is None:
        return b"NULL"
    words = value.decode("utf-8", "replace")
    if words and set(words) <= _BARE and words.upper() != "NULL":
        return value
    return b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _binary(values: Sequence[bytes | None], oid: int) -> bytes:
    if not values:
        return struct.pack("!iiI", 0, 0, oid)
    parts = [_HEADER.pack(1, int(None in values), oid, len(values), 1)]
    for each in values:
        parts += [_LENGTH.pack(-1)] if each is None else [_LENGTH.pack(len(each)), each]
    return b"".join(parts)
