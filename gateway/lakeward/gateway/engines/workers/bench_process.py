"""What runs in a bench's process: an engine born locked, the visible cells of one statement, its query."""

import os
import socket
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from lakeward.gateway.engines.duckdb.connect import connect
from lakeward.gateway.engines.duckdb.faults import kind_of
from lakeward.gateway.engines.workers.frames import (
    ERROR,
    OK,
    SCHEMA,
    VALUES,
    BrokenChannelError,
    Channel,
    Rows,
    send_rows,
)

BATCH_ROWS = 65_536
_INCOMING = "lakeward_incoming"


def serve_bench(sockets: Sequence[socket.socket]) -> None:
    """Serve one statement: open, lay tables, run, until the gateway hangs up."""
    bench = _Bench(Channel(sockets[0]))
    while True:
        try:
            kind, order, fds = bench.channel.receive_request()
        except BrokenChannelError:
            os._exit(0)
        try:
            bench.orders[kind](order, fds)
        except BrokenChannelError:
            os._exit(0)
        except Exception as error:  # noqa: BLE001 - its class goes over, its text must not
            bench.channel.send(ERROR, kind_of(error).encode())


class _Bench:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._connection = connect()
        self.orders: dict[bytes, Callable[[Any, list[int]], None]] = {
            b"O": self._open,
            b"L": self._lay,
            b"I": self._draw_in,
            b"T": self._texts,
            b"Q": self._query,
            b"D": self._describe,
        }

    def _open(self, order: list[str], _fds: list[int]) -> None:
        for each in order:
            self._connection.execute(each)
        self.channel.send(OK)

    def _lay(self, order: dict[str, Any], fds: list[int]) -> None:
        for each in order["create"]:
            self._connection.execute(each)
        for descriptor in fds:
            incoming = Channel(socket.socket(fileno=descriptor))
            try:
                self._fill(order["insert"], incoming)
            finally:
                incoming.close()
        self.channel.send(OK)

    def _fill(self, insert: str, incoming: Channel) -> None:
        rows = self._register(incoming)
        try:
            self._connection.execute(insert)
        finally:
            self._connection.unregister(_INCOMING)
        if not rows.is_over:
            raise duckdb.Error

    def _draw_in(self, create: list[str], fds: list[int]) -> None:
        """Make a stage of rows that come in while the query runs; see `reads_once`."""
        self._register(Channel(socket.socket(fileno=fds[0])))
        for each in create:
            self._connection.execute(each)
        self.channel.send(OK)

    def _register(self, incoming: Channel) -> Rows:
        """Let the engine see the rows of a channel, as a capsule: of that a second reading is an error."""
        rows = Rows(incoming, is_trusted=True)
        stream = pa.RecordBatchReader.from_batches(rows.schema, rows.batches())
        self._connection.register(_INCOMING, stream.__arrow_c_stream__())
        return rows

    def _texts(self, order: str, _fds: list[int]) -> None:
        self.channel.send_json(VALUES, [row[0] for row in self._connection.execute(order).fetchall()])

    def _query(self, order: str, _fds: list[int]) -> None:
        rows = self._connection.execute(order).to_arrow_reader(BATCH_ROWS)
        send_rows(self.channel, rows.schema, rows, BATCH_ROWS)

    def _describe(self, order: str, _fds: list[int]) -> None:
        self.channel.send(SCHEMA, self._connection.execute(order).to_arrow_reader(1).schema.serialize())
