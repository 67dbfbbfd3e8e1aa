"""What runs in a reader's process: engines over the tables of a statement, for SQL that lakeward wrote.

An engine is opened ahead of need, locked to the folders of one set of tables when the first statement over
them comes, and kept for the next one over the same set. One statement runs at a time.
"""

import contextlib
import os
import socket
import struct
import threading
from collections import OrderedDict
from collections.abc import Generator, Iterable, Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa

from lakeward.gateway.engines.duckdb.connect import connect, load_iceberg, staging_cursor
from lakeward.gateway.engines.duckdb.faults import kind_of
from lakeward.gateway.engines.duckdb.keys_table import create_keys_table, put_keys
from lakeward.gateway.engines.workers.bench_process import BATCH_ROWS
from lakeward.gateway.engines.workers.frames import ERROR, OK, BrokenChannelError, Channel, send_rows
from lakeward.gateway.under_null import cleared

SEQUENCE: Final = struct.Struct("<Q")
KEPT_ENGINES: Final = 4


def serve_reader(sockets: Sequence[socket.socket]) -> None:
    """Serve statements, one after the other, until the gateway hangs up."""
    reader = _Reader()
    channel = Channel(sockets[0])
    threading.Thread(target=reader.listen, args=(sockets[1],), daemon=True).start()
    reader.open_spare()
    channel.send(OK)
    while True:
        try:
            _kind, order, fds = channel.receive_request()
            _serve(reader, channel, order, fds)
        except BrokenChannelError:
            os._exit(0)
        reader.open_spare()


def _serve(reader: "_Reader", channel: Channel, order: dict[str, Any], fds: list[int]) -> None:
    target = Channel(socket.socket(fileno=fds[0])) if fds else channel
    try:
        reader.run(order, target, is_staged=bool(fds))
        if fds:
            channel.send(OK)
    except BrokenChannelError:
        if not fds:
            raise
        channel.send(ERROR, b"BrokenPipeError")  # the bench is gone; the gateway will know why
    except Exception as error:  # noqa: BLE001 - its class goes over, its text must not
        channel.send(ERROR, kind_of(error).encode())
    finally:
        if fds:
            target.close()


class _Engine:
    """One instance: what answers clients, what fills benches, and the labels whose keys it holds."""

    def __init__(self) -> None:
        self.connection = connect()
        load_iceberg(self.connection)
        create_keys_table(self.connection)
        self.staging = staging_cursor(self.connection)
        self.labels: set[str] = set()

    def provide(self, keys: dict[str, str]) -> None:
        fresh = {label: key for label, key in keys.items() if label not in self.labels}
        if fresh:
            put_keys(self.connection, fresh)
            self.labels |= set(fresh)

    def close(self) -> None:
        self.staging.close()
        self.connection.close()


class _Reader:
    def __init__(self) -> None:
        self._engines: OrderedDict[str, _Engine] = OrderedDict()
        self._spare: _Engine | None = None
        self._lock = threading.Lock()
        self._running: tuple[int, duckdb.DuckDBPyConnection] | None = None
        self._ended = 0

    def open_spare(self) -> None:
        """Open an engine ahead of need: it takes longer than most statements."""
        if self._spare is None:
            self._spare = _Engine()

    def run(self, order: dict[str, Any], target: Channel, *, is_staged: bool) -> None:
        engine = self._engine(order["key"], order["lock"])
        engine.provide(order["keys"])
        connection = engine.staging if is_staged else engine.connection
        self._begin(order["sequence"], connection)
        try:
            rows = connection.execute(order["sql"]).to_arrow_reader(BATCH_ROWS)
            send_rows(target, rows.schema, self._until_ended(rows, order["sequence"]), BATCH_ROWS)
        finally:
            with self._lock:
                self._running = None

    def _until_ended(self, rows: Iterable[pa.RecordBatch], sequence: int) -> Generator[pa.RecordBatch]:
        for batch in rows:
            if self._ended >= sequence:
                raise duckdb.InterruptException
            yield cleared(batch)

    def _begin(self, sequence: int, connection: duckdb.DuckDBPyConnection) -> None:
        with self._lock:
            if self._ended >= sequence:
                raise duckdb.InterruptException
            self._running = sequence, connection

    def _engine(self, key: str, lock: list[str]) -> _Engine:
        engine = self._engines.get(key)
        if engine is None:
            engine, self._spare = self._spare or _Engine(), None
            for each in lock:
                engine.connection.execute(each)
            self._engines[key] = engine
            while len(self._engines) > KEPT_ENGINES:
                self._engines.popitem(last=False)[1].close()
        self._engines.move_to_end(key)
        return engine

    def listen(self, control: socket.socket) -> None:
        """End the statement that the gateway names, and none that comes after it."""
        while len(message := control.recv(SEQUENCE.size)) == SEQUENCE.size:
            [sequence] = SEQUENCE.unpack(message)
            with self._lock, contextlib.suppress(duckdb.Error):
                self._ended = max(self._ended, sequence)
                if self._running is not None and self._running[0] == sequence:
                    self._running[1].interrupt()
        os._exit(0)
