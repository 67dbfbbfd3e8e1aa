"""A row or two as messages, put together in Python: Arrow's way of doing it for many costs a fixed sum.

Each cell has the very bytes that `column.encode` gives; a test holds the two together.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa

from lakeward.gateway.doors.postgres.encode.column import encode

Cells = Iterable[bytes | None]
_FEW_ROWS, _FEW_BYTES = 16, 1 << 16
_NULL = b"\xff\xff\xff\xff"
_ODD = {"nan": b"NaN", "-nan": b"NaN", "inf": b"Infinity", "-inf": b"-Infinity"}


def are_few(batch: pa.RecordBatch) -> bool:
    """Whether a batch is for this way: what is large would be in memory several times over."""
    return bool(batch.num_rows <= _FEW_ROWS and batch.nbytes <= _FEW_BYTES)


def few_rows(batch: pa.RecordBatch, formats: Sequence[int], kind: bytes) -> bytes:
    """Give the rows of a batch as messages of one kind; a form for each column."""
    if not batch.num_columns:
        return _row((), kind) * int(batch.num_rows)
    columns = [_cells(column, form) for column, form in zip(batch.columns, formats, strict=True)]
    return b"".join(_row(cells, kind) for cells in zip(*columns, strict=True))


def _row(cells: Sequence[bytes | None], kind: bytes) -> bytes:
    sized = (_NULL if each is None else len(each).to_bytes(4, "big") + each for each in cells)
    body = len(cells).to_bytes(2, "big") + b"".join(sized)
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def _cells(column: pa.Array, form: int) -> Cells:
    plainly = (_BINARY if form == 1 else _TEXT).get(column.type)
    return plainly(column) if plainly else encode(column, binary=form == 1).to_pylist()


def _stored(column: pa.Array) -> Cells:
    """Give the bytes of texts as they lie there, whether or not they are good UTF-8."""
    return [None if (found := each.as_buffer()) is None else found.to_pybytes() for each in column]


def _digits(column: pa.Array) -> Cells:
    return [None if each is None else b"%d" % each for each in column.to_pylist()]


def _float_texts(column: pa.Array) -> Cells:
    texts = column.cast(pa.string()).to_pylist()
    return [None if each is None else _ODD.get(each) or each.encode() for each in texts]


def _packed(form: str) -> Callable[[pa.Array], Cells]:
    pack: Callable[[Any], bytes] = struct.Struct(form).pack
    return lambda column: [None if each is None else pack(each) for each in column.to_pylist()]


_TEXTS: dict[pa.DataType, Callable[[pa.Array], Cells]] = {pa.string(): _stored, pa.large_string(): _stored}
_TEXT = _TEXTS | {
    pa.int16(): _digits, pa.int32(): _digits, pa.int64(): _digits, pa.float64(): _float_texts
}  # fmt: skip
_BINARY = _TEXTS | {
    pa.int16(): _packed(">h"), pa.int32(): _packed(">i"), pa.int64(): _packed(">q"),
    pa.float64(): _packed(">d"),
}  # fmt: skip
