"""Rows on their way to the client: read in a thread, a batch at a time."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from lakeward.gateway.doors.postgres.encode.rows import copy_rows, data_rows
from lakeward.gateway.doors.postgres.messages import ColumnShape
from lakeward.gateway.doors.postgres.types import shape

_FEW = 1_000
_FEW_BYTES = 1 << 16
_SECONDS_AHEAD = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """Some encoded rows: how many, their bytes, and whether they are the last."""

    rows: int
    buffers: Sequence[bytes | memoryview]
    is_last: bool


def _nothing() -> None:
    return None


class RowStream:
    """The rows of one answer. Never more than two batches are in memory."""

    def __init__(
        self,
        schema: pa.Schema,
        batches: Iterator[pa.RecordBatch],
        *,
        close: Callable[[], object] = _nothing,
        cancel: Callable[[], object] = _nothing,
        check: Callable[[], object] = _nothing,
    ) -> None:
        self.schema = schema
        self.columns: list[ColumnShape] = [shape(field) for field in schema]
        self.rows = 0
        self.cancel = cancel
        self.is_closed = False
        self._close, self._check = close, check
        self._batches = batches
        self._held: deque[pa.RecordBatch] = deque()
        self._ahead: Piece | None = None
        self._ahead_since = 0.0

    def close(self) -> None:
        """End the statement; once is enough, twice does no harm."""
        if not self.is_closed:
            self.is_closed = True
            self._close()

    def take_ahead(self, formats: Sequence[int]) -> None:
        """Encode all rows before somebody asks for them, where they are few: then nothing has to wait again.

        That ends the statement, so nothing ends it any more when its principal's rights do: see `is_good`.

        Args:
            formats: 0 for text and 1 for binary, a column each.

        Raises:
            LakewardError: The statement failed.
        """
        first = self._next()
        self._held.extend(() if first is None else (first,))
        if first is not None and (first.num_rows >= _FEW or first.nbytes > _FEW_BYTES):
            return
        second = self._next_read() if first is not None else None
        if second is not None:
            self._held.append(second)
            return
        buffers = list(data_rows(first, formats)) if first is not None else []
        self._held.clear()
        self._ahead = Piece(first.num_rows if first is not None else 0, buffers, is_last=True)
        self._ahead_since = time.monotonic()
        self.close()

    @property
    def is_at_hand(self) -> bool:
        """Whether `take` gives everything at once, without waiting or work."""
        return self._ahead is not None

    def is_good(self, most: int) -> bool:
        """Whether these rows may still go out: what was encoded ahead may not wait, nor go in parts.

        Args:
            most: Rows that are asked for; 0 for all.
        """
        return self._ahead is None or (not most and time.monotonic() - self._ahead_since < _SECONDS_AHEAD)

    def take(self, formats: Sequence[int] | None, most: int | None) -> Piece:
        """Encode the next rows; with `formats` None as a binary COPY.

        Args:
            formats: 0 for text and 1 for binary, a column each.
            most: Rows that may come; None for as many as there are.

        Raises:
            LakewardError: The statement failed.
        """
        if self._ahead is not None:
            piece, self._ahead = self._ahead, None
            self.rows += piece.rows
            return piece
        self._check()  # rows that were read before the statement was ended must not go out after it
        batch = self._next()
        if batch is None:
            return Piece(0, (), is_last=True)
        if most is not None and batch.num_rows > most:
            self._held.appendleft(batch.slice(most))
            batch = batch.slice(0, most)
        if formats is None:
            buffers = list(copy_rows(batch, are_first=not self.rows))
        else:
            buffers = list(data_rows(batch, formats))
        self.rows += batch.num_rows
        left = most is None or most > batch.num_rows
        if left and batch.num_rows < _FEW:  # most likely the last: then it goes out together with the end
            following = self._next()
            self._held.extendleft(() if following is None else (following,))
            return Piece(batch.num_rows, buffers, is_last=following is None)
        return Piece(batch.num_rows, buffers, is_last=False)

    def _next(self) -> pa.RecordBatch | None:
        return self._held.popleft() if self._held else self._next_read()

    def _next_read(self) -> pa.RecordBatch | None:
        batch = next(self._batches, None)
        while batch is not None and not batch.num_rows:
            batch = next(self._batches, None)
        return batch


def table_stream(table: pa.Table) -> RowStream:
    """Give the rows of a table that is in memory."""
    return RowStream(table.schema, iter(table.to_batches()))
