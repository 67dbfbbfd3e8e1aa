"""Rows on their way to the client: read in a thread, a batch at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from lakeward.gateway.doors.postgres.encode.rows import copy_rows, data_rows
from lakeward.gateway.doors.postgres.messages import ColumnShape
from lakeward.gateway.doors.postgres.types import shape

_FEW = 1_000


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
    ) -> None:
        self.schema = schema
        self.columns: list[ColumnShape] = [shape(field) for field in schema]
        self.rows = 0
        self.close, self.cancel = close, cancel
        self._batches = batches
        self._rest: pa.RecordBatch | None = None

    def take(self, formats: Sequence[int] | None, most: int | None) -> Piece:
        """Encode the next rows; with `formats` None as a binary COPY.

        Args:
            formats: 0 for text and 1 for binary, a column each.
            most: Rows that may come; None for as many as there are.

        Raises:
            LakewardError: The statement failed.
        """
        batch = self._next()
        if batch is None:
            return Piece(0, (), is_last=True)
        if most is not None and batch.num_rows > most:
            batch, self._rest = batch.slice(0, most), batch.slice(most)
        else:
            self._rest = None
        if formats is None:
            buffers = list(copy_rows(batch, are_first=not self.rows))
        else:
            buffers = list(data_rows(batch, formats))
        self.rows += batch.num_rows
        left = most is None or most > batch.num_rows
        if left and batch.num_rows < _FEW:  # most likely the last: then it goes out together with the end
            self._rest = self._next()
            return Piece(batch.num_rows, buffers, is_last=self._rest is None)
        return Piece(batch.num_rows, buffers, is_last=False)

    def _next(self) -> pa.RecordBatch | None:
        batch, self._rest = self._rest, None
        while batch is None or not batch.num_rows:
            batch = next(self._batches, None)
            if batch is None:
                return None
        return batch


def table_stream(table: pa.Table) -> RowStream:
    """Give the rows of a table that is in memory."""
    return RowStream(table.schema, iter(table.to_batches()))
