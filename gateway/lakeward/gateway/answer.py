"""What a statement gives: a schema and a stream of record batches."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from lakeward.gateway.cancellation import Cancellation

Way = Literal["fused", "staged"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A running answer. Read it to the end or close it; either ends the statement and its record.

    Attributes:
        statement_id: The name of this statement in the audit log.
        schema: Names and types of the columns.
        batches: The rows, as they come.
        way: Whether it runs as one statement over the lake, or on a bench.
    """

    statement_id: str
    schema: pa.Schema
    batches: Generator[pa.RecordBatch]
    way: Way
    _close: Callable[[], None]
    _cancellation: Cancellation

    def reader(self) -> pa.RecordBatchReader:
        """Return the rows as an Arrow stream."""
        return pa.RecordBatchReader.from_batches(self.schema, self.batches)

    def table(self) -> pa.Table:
        """Read every row into memory."""
        return self.reader().read_all()

    def close(self) -> None:
        """End the statement, whether or not all rows were read; for the thread that reads it."""
        self._close()

    def cancel(self) -> None:
        """End the statement from any thread; who reads it is told so by a `StatementCancelledError`."""
        self._cancellation.cancel()


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What a statement would give, without a row read.

    Attributes:
        schema: Names and types of the columns.
        parameters: The types of its parameters, in order.
    """

    schema: pa.Schema
    parameters: tuple[pa.DataType, ...]
