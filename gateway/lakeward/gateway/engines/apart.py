"""A query over rows that the gateway itself has: it reads no table of the lake, on an instance of its own.

Whoever wrote it may have written one that fills all memory, so it is held to small limits, whatever the
principal's are.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import pyarrow as pa

from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.errors import LimitExceededError

MEMORY: Final = "256MB"
ROWS_AT_ONCE: Final = 2_048
_MOST_ROWS: Final = 200_000
_MOST_BYTES: Final = 64 << 20
_SECONDS: Final = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Apart:
    """A query with all that it needs.

    Attributes:
        making: What makes its relations, statements of ours.
        fills: What fills each from rows that come in, and the rows.
        text: The query.
    """

    making: tuple[str, ...]
    fills: tuple[tuple[str, pa.Table], ...]
    text: str


def gathered(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """Gather the rows of an answer.

    Raises:
        LimitExceededError: They are too many, or too large.
    """
    found, rows, size = list[pa.RecordBatch](), 0, 0
    for batch in batches:
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows > _MOST_ROWS:
            raise LimitExceededError("rows")
        if size > _MOST_BYTES:
            raise LimitExceededError("bytes")
        found.append(batch)
    return pa.Table.from_batches(found, schema)


@contextmanager
def in_time(ending: Cancellation) -> Iterator[None]:
    """End what runs in the block when its time is up."""
    timer = threading.Timer(_SECONDS, partial(ending.cancel, LimitExceededError("time")))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
