"""A batch as DataRow messages, or as rows of a binary COPY, put together column by column.

Arrow joins, for all rows at once, each row's head, the length of each cell and the cell's bytes; what comes
out is one buffer that goes to the socket as it is.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.gateway.doors.postgres.encode.column import encode
from lakeward.gateway.doors.postgres.encode.few import are_few, few_rows

ROWS_AT_ONCE = 8_192
BYTES_AT_ONCE = 1 << 20
_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_LENGTH = np.dtype(">i4")
_ROW = np.dtype([("kind", "S1"), ("length", ">i4"), ("columns", ">i2")])
_OVERHEAD = 6  # what counts of a row besides its columns: the length itself and their number
_EMPTY = pa.scalar(b"", pa.binary())


def data_rows(batch: pa.RecordBatch, formats: Sequence[int]) -> Iterator[bytes | memoryview]:
    """Give the rows of a batch as messages, in pieces of about a megabyte."""
    for piece in _pieces(batch):
        if not piece.num_columns:
            yield b"D\0\0\0\x06\0\0" * piece.num_rows
            continue
        yield _joined(piece, formats, b"D")


def copy_rows(batch: pa.RecordBatch, *, are_first: bool) -> Iterator[bytes | memoryview]:
    """Give the rows of a batch as CopyData messages, in pieces of about a megabyte.

    The head of the whole goes in one message with the first row, as PostgreSQL sends it.
    """
    for piece in _pieces(batch):
        rows = _joined(piece, [1] * piece.num_columns, b"d")
        if are_first:
            yield b"d" + (int.from_bytes(rows[1:5], "big") + len(_COPY_HEAD)).to_bytes(4, "big") + _COPY_HEAD
            rows, are_first = rows[5:], False
        yield rows


def copy_end(rows: int) -> bytes:
    """Give what ends a binary COPY of so many rows."""
    body = _COPY_END if rows else _COPY_HEAD + _COPY_END
    return b"d" + (len(body) + 4).to_bytes(4, "big") + body + b"c\0\0\0\x04"


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if batch.num_rows == 1:
        yield batch
        return
    a_row = batch.nbytes // max(batch.num_rows, 1) + 1
    size = max(1, min(ROWS_AT_ONCE, BYTES_AT_ONCE // a_row))
    for start in range(0, batch.num_rows, size):
        yield batch.slice(start, size)


def _joined(batch: pa.RecordBatch, formats: Sequence[int], kind: bytes) -> bytes | memoryview:
    return (few_rows if are_few(batch) else many_rows)(batch, formats, kind)


def many_rows(batch: pa.RecordBatch, formats: Sequence[int], kind: bytes) -> memoryview:
    """Give the rows of a batch as messages of one kind; a form for each column."""
    cells = [encode(column, binary=form == 1) for column, form in zip(batch.columns, formats, strict=True)]
    sizes = [pc.fill_null(pc.binary_length(each), -1).to_numpy(zero_copy_only=False) for each in cells]
    heads = np.empty(batch.num_rows, dtype=_ROW)
    heads["kind"], heads["columns"] = kind, batch.num_columns
    heads["length"] = _OVERHEAD + 4 * len(sizes) + sum(np.maximum(each, 0).astype(np.int64) for each in sizes)
    parts = [_equal_parts(heads)]
    for cell, size in zip(cells, sizes, strict=True):
        parts += [_equal_parts(size.astype(_LENGTH)), cell]
    joined = pc.binary_join_element_wise(*parts, _EMPTY, null_handling="replace", null_replacement=b"")
    return _bytes_of(joined)


def _equal_parts(values: np.ndarray) -> pa.Array:
    """Give the items of a numpy array as an array of bytes, without a copy."""
    width = values.dtype.itemsize
    ends = np.arange(0, width * (len(values) + 1), width, dtype=np.int32)
    return pa.Array.from_buffers(pa.binary(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(values)])


def _bytes_of(joined: pa.Array) -> memoryview:
    ends = np.frombuffer(joined.buffers()[1], dtype=np.int32, count=len(joined) + 1)
    return memoryview(joined.buffers()[2])[int(ends[0]) : int(ends[-1])]
