"""How the visible rows of a stage get from a reader to a bench, past the gateway.

They are laid as a table before the query runs; or, where it reads its one table once, they stream through the
bench while it runs. Either way a reader's fault is told as such, whatever the bench made of it.
"""

import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pyarrow as pa

from lakeward.gateway.engines.workers.frames import (
    ERROR,
    OK,
    BrokenChannelError,
    Channel,
    Rows,
    WorkerError,
    error_kind,
    send_rows,
)
from lakeward.gateway.engines.workers.readers import Lease
from lakeward.gateway.engines.workers.spawn import Worker

_HUNG_UP: Final = "BrokenPipeError"
_TOLD_TO_STOP: Final = "InterruptException"


class ReaderFaultError(Exception):
    """The reader could not read; `kind` is the engine's class of error."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Laying:
    """One stage on its way.

    Attributes:
        bench: Where it goes.
        lease: The reader that it comes from.
        order: What the reader is to run.
    """

    bench: Worker
    lease: Lease
    order: Mapping[str, Any]

    def lay(self, create: Sequence[str], insert: str) -> None:
        """Lay the stage as a table.

        Raises:
            ReaderFaultError: The reader could not read.
            WorkerError: The bench could not lay it.
            BrokenChannelError: One of them is gone.
        """
        self._connect(b"L", {"create": create, "insert": insert})
        is_cut = self._is_cut_off()
        expect(self.bench, OK)
        if is_cut:
            raise BrokenChannelError

    def draw(self, create: Sequence[str], query: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        """Run a query through which the rows of the stage stream; return the schema and rows of its answer.

        Raises:
            ReaderFaultError: The reader could not read.
            WorkerError: The query could not run.
            BrokenChannelError: One of them is gone.
        """
        self._connect(b"I", create)
        rows = self._blamed(partial(self._asked, query))
        return rows.schema, self._batches(rows)

    def _connect(self, kind: bytes, made: object) -> None:
        source, target = socket.socketpair()
        with source, target:
            source.shutdown(socket.SHUT_RD)
            self.bench.channel.send_json(kind, made, fds=[target.fileno()])
            self.lease.send_order(self.order, source)

    def _asked(self, query: str) -> Rows:
        expect(self.bench, OK)
        self.bench.channel.send_json(b"Q", query)
        return Rows(self.bench.channel)

    def _batches(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        batches = rows.batches()
        while (batch := self._blamed(partial(next, batches, None))) is not None:
            yield batch
        self._end()

    def _blamed(self, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever it gives
        """Do something with the bench; where that fails because the reader did, say so."""
        try:
            return act()
        except (WorkerError, BrokenChannelError):
            self._end()
            raise

    def _end(self) -> None:
        """End both; the bench may have had enough, or failed, before the reader was done."""
        self.bench.kill()
        if not self.lease.has_spoken():
            self.lease.reader.interrupt(self.lease.reader.sequence)
        fault = self.lease.outcome()
        if fault not in {None, _HUNG_UP, _TOLD_TO_STOP}:
            raise ReaderFaultError(str(fault))

    def _is_cut_off(self) -> bool:
        """Wait for the reader's last word; whether it is that nobody takes its rows any more."""
        fault = self.lease.outcome()
        if fault not in {None, _HUNG_UP}:
            raise ReaderFaultError(str(fault))
        return fault is not None


def expect(bench: Worker, wanted: bytes) -> pa.Buffer:
    """Wait for a frame of a bench.

    Raises:
        WorkerError: Its engine failed.
        BrokenChannelError: It is gone, or says something else.
    """
    kind, payload = bench.channel.receive()
    if kind == ERROR:
        raise WorkerError(error_kind(payload))
    if kind != wanted:
        raise BrokenChannelError
    return payload


def fill(bench: Worker, insert: str, rows: pa.Table) -> None:
    """Fill a table of a bench with rows that the gateway has.

    Raises:
        WorkerError: Its engine failed.
        BrokenChannelError: It is gone.
    """
    source, target = socket.socketpair()
    with source, target:
        bench.channel.send_json(b"L", {"create": [], "insert": insert}, fds=[target.fileno()])
        target.close()  # where the bench is gone, nobody has the other end
        send_rows(Channel(source), rows.schema, rows.to_batches(), rows.num_rows + 1)
        expect(bench, OK)
