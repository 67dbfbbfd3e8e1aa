"""Numbers in PostgreSQL's two forms."""

import struct
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_BASE, _DIGITS = 10_000, 4
_HEAD = struct.Struct("!hhHh")
_NEGATIVE = 0x4000
_SMALL = 18


def float_texts(column: pa.Array) -> pa.Array:
    """Give the shortest text that reads back as the same number, in PostgreSQL's words for the odd ones."""
    texts = column.cast(pa.string())
    if pc.all(pc.is_finite(column), skip_nulls=True).as_py() is not False:
        return texts.cast(pa.binary())
    for ours, theirs in (("nan", "NaN"), ("-nan", "NaN"), ("inf", "Infinity"), ("-inf", "-Infinity")):
        texts = pc.if_else(pc.equal(texts, ours), theirs, texts)
    return texts.cast(pa.binary())


def decimal_texts(column: pa.Array) -> pa.Array:
    """Give every digit, never an exponent."""
    texts = column.cast(pa.string())
    if not pc.any(pc.match_substring(texts, "E")).as_py():
        return texts.cast(pa.binary())
    return pa.array([None if each is None else f"{each:f}" for each in column.to_pylist()], pa.string()).cast(
        pa.binary()
    )


def decimal_bytes(column: pa.Array) -> pa.Array:
    """Give PostgreSQL's `numeric`: digits of base 10,000, the place of the first, sign, scale."""
    scale = column.type.scale if pa.types.is_decimal(column.type) else 0
    made = [None if each is None else _numeric(Decimal(each), scale) for each in column.to_pylist()]
    return pa.array(made, pa.binary())


def fixed_bytes(column: pa.Array, kind: str) -> pa.Array:
    """Give numbers of one width, the high byte first."""
    values = pc.fill_null(column, 0).to_numpy(zero_copy_only=False).astype(kind)
    width = values.dtype.itemsize
    ends = np.arange(0, width * (len(values) + 1), width, dtype=np.int32)
    made = pa.Array.from_buffers(pa.binary(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(values)])
    return pc.if_else(column.is_valid(), made, None) if column.null_count else made


def _numeric(value: Decimal, scale: int) -> bytes:
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    lead = -point % _DIGITS
    text, point = "0" * lead + text, point + lead
    text = text + "0" * (-len(text) % _DIGITS)
    groups = [int(text[at : at + _DIGITS]) for at in range(0, len(text), _DIGITS)]
    weight = point // _DIGITS - 1
    while groups and groups[0] == 0:
        groups.pop(0)
        weight -= 1
    while groups and groups[-1] == 0:
        groups.pop()
    head = _HEAD.pack(
        len(groups), weight if groups else 0, _NEGATIVE if sign and groups else 0, max(scale, 0)
    )
    return head + struct.pack(f"!{len(groups)}h", *groups)
