"""One column of a batch as bytes, in either form."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.gateway.doors.postgres import types as pg
from lakeward.gateway.doors.postgres.encode import documents, intervals, lists, moments, numbers

Encode = Callable[[pa.Array], pa.Array]
_HEX = np.frombuffer(b"".join(f"{byte:02x}".encode() for byte in range(256)), dtype="S2")


def encode(column: pa.Array, *, binary: bool) -> pa.Array:
    """Give the cells of a column as an array of bytes; NULL stays NULL."""
    column = _plain(column)
    if element := pg.list_element(column.type):
        elements = encode(column.flatten(), binary=binary).to_pylist()
        if binary:
            return lists.binary_lists(column, elements, pg.pg_type(element).oid)
        return lists.text_lists(column, elements)
    kind = pg.pg_type(column.type).oid
    return (_BINARY if binary else _TEXT).get(kind, _as_text)(column)


def _plain(column: pa.Array) -> pa.Array:
    if isinstance(column, pa.ExtensionArray):
        return column if column.type == pa.uuid() else column.storage
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _as_text(column: pa.Array) -> pa.Array:
    return column.cast(pa.string()).cast(pa.binary())


def _bool_texts(column: pa.Array) -> pa.Array:
    return pc.if_else(column, pa.scalar(b"t", pa.binary()), pa.scalar(b"f", pa.binary()))


def _bytea_texts(column: pa.Array) -> pa.Array:
    """Give two digits a byte, looked up for the whole buffer at once."""
    column = column.cast(pa.binary())
    lengths = pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    joined = pc.binary_join(pa.array([pc.fill_null(column, b"").to_pylist()], pa.list_(pa.binary())), b"")
    data = _HEX[np.frombuffer(joined[0].as_py(), dtype=np.uint8)]
    ends = np.concatenate([[0], np.cumsum(lengths * 2)]).astype(np.int32)
    hexed = pa.Array.from_buffers(pa.binary(), len(column), [None, pa.py_buffer(ends), pa.py_buffer(data)])
    made = pc.binary_join_element_wise(pa.scalar(b"\\x", pa.binary()), hexed, pa.scalar(b"", pa.binary()))
    return pc.if_else(column.is_valid(), made, None) if column.null_count else made


def _uuid_texts(column: pa.Array) -> pa.Array:
    return pa.array([None if each is None else str(each) for each in column.to_pylist()], pa.string()).cast(
        pa.binary()
    )


def _fixed(kind: str, number: pa.DataType) -> Encode:
    return lambda column: numbers.fixed_bytes(column.cast(number), kind)


_TEXT: dict[int, Encode] = {
    pg.BOOL.oid: _bool_texts,
    pg.BYTEA.oid: _bytea_texts,
    pg.FLOAT4.oid: lambda column: numbers.float_texts(column.cast(pa.float32())),
    pg.FLOAT8.oid: numbers.float_texts,
    pg.NUMERIC.oid: numbers.decimal_texts,
    pg.DATE.oid: moments.date_texts,
    pg.TIME.oid: moments.time_texts,
    pg.TIMESTAMP.oid: moments.timestamp_texts,
    pg.TIMESTAMPTZ.oid: moments.timestamp_texts,
    pg.INTERVAL.oid: intervals.interval_texts,
    pg.UUID.oid: _uuid_texts,
    pg.JSON.oid: documents.json_texts,
}
_BINARY: dict[int, Encode] = {
    pg.BOOL.oid: lambda column: numbers.fixed_bytes(column.cast(pa.uint8()), ">u1"),
    pg.BYTEA.oid: lambda column: column.cast(pa.binary()),
    pg.INT2.oid: _fixed(">i2", pa.int16()),
    pg.INT4.oid: _fixed(">i4", pa.int32()),
    pg.INT8.oid: _fixed(">i8", pa.int64()),
    pg.OID.oid: _fixed(">u4", pa.uint32()),
    pg.FLOAT4.oid: _fixed(">f4", pa.float32()),
    pg.FLOAT8.oid: _fixed(">f8", pa.float64()),
    pg.NUMERIC.oid: numbers.decimal_bytes,
    pg.DATE.oid: lambda column: numbers.fixed_bytes(moments.date_numbers(column), ">i4"),
    pg.TIME.oid: lambda column: numbers.fixed_bytes(moments.time_numbers(column), ">i8"),
    pg.TIMESTAMP.oid: lambda column: numbers.fixed_bytes(moments.timestamp_numbers(column), ">i8"),
    pg.TIMESTAMPTZ.oid: lambda column: numbers.fixed_bytes(moments.timestamp_numbers(column), ">i8"),
    pg.INTERVAL.oid: intervals.interval_bytes,
    pg.UUID.oid: lambda column: column.storage.cast(pa.binary()),
    pg.JSON.oid: documents.json_texts,
}
