"""Counts what goes out, and cuts it where a limit is reached: at a row, wherever its batch happens to end."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from lakeward.gateway.errors import LimitExceededError
from lakeward.gateway.session import Limits

_OFFSET = 4  # bytes: what each text, list or other value of no fixed width counts besides itself


class Meter:
    """Counts the rows and bytes of one answer.

    Where a batch ends depends on how an engine reads, and that on rows that are hidden. So bytes are those of
    the values alone, the same however the rows are batched, and the limit falls after the last row that fits.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.rows = self.bytes = 0

    def take(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Give as much of a batch as may go out, counted.

        Raises:
            LimitExceededError: That was not all of it.
        """
        fits, size, over = self._fitting(batch)
        self.rows += fits.num_rows
        self.bytes += size
        if fits.num_rows or over is None:
            yield fits
        if over is not None:
            raise LimitExceededError(over)

    def _fitting(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int, str | None]:
        """Give what of a batch fits, its bytes, and the limit that cut it."""
        most_rows, most_bytes, over = self._limits.rows, self._limits.bytes, None
        if most_rows is not None and self.rows + batch.num_rows > most_rows:
            batch, over = batch.slice(0, most_rows - self.rows), f"{most_rows} rows"
        size = value_bytes(batch)
        if most_bytes is not None and self.bytes + size > most_bytes:
            batch, over = _prefix(batch, most_bytes - self.bytes), f"{most_bytes} bytes"
            size = value_bytes(batch)
        return batch, size, over


def _prefix(batch: pa.RecordBatch, most: int) -> pa.RecordBatch:
    """Give the longest run of first rows that has no more than `most` bytes."""
    low, high = 0, batch.num_rows
    while low < high:
        middle = (low + high + 1) // 2
        if value_bytes(batch.slice(0, middle)) <= most:
            low = middle
        else:
            high = middle - 1
    return batch.slice(0, low)


def value_bytes(batch: pa.RecordBatch) -> int:
    """Give the bytes of a batch's values, a sum over its rows."""
    return sum(_bytes(each) for each in batch.columns)


def _bytes(array: pa.Array) -> int:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _bytes(array.storage)
    if pa.types.is_dictionary(kind):
        return _bytes(array.dictionary_decode())
    if pa.types.is_nested(kind):
        return _nested_bytes(array)
    if _is_of_any_length(kind):
        return len(array) * _OFFSET + _text_bytes(array)
    return 0 if pa.types.is_null(kind) else len(array) * max(1, kind.bit_width // 8)


def _text_bytes(array: pa.Array) -> int:
    """Count what texts hold: from the ends of the first and last where none is missing, else one by one."""
    kind = array.type
    if _is_view(kind) or array.null_count or not len(array):
        lengths = pc.binary_length(array.cast(pa.large_binary()) if _is_view(kind) else array)
        return int(pc.sum(lengths).as_py() or 0)
    is_large = pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)
    ends = memoryview(array.buffers()[1]).cast("q" if is_large else "i")
    return int(ends[array.offset + len(array)] - ends[array.offset])


def _nested_bytes(array: pa.Array) -> int:
    """Count what stands inside; of a list, only what its slice holds."""
    kind = array.type
    if pa.types.is_struct(kind):
        return sum(_bytes(each) for each in array.flatten())
    if pa.types.is_union(kind):
        return sum(_bytes(array.field(at)) for at in range(kind.num_fields))
    if pa.types.is_map(kind):
        array = array.cast(pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)])))
    return len(array) * _OFFSET + _bytes(array.flatten())


def _is_of_any_length(kind: pa.DataType) -> bool:
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(is_text or pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or _is_view(kind))


def _is_view(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(kind) or pa.types.is_binary_view(kind))
