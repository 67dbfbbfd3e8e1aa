"""Readers: kept warm, one statement at a time each, replaced when they die, hang or have grown."""

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lakeward.gateway.engines.workers.frames import (
    DONE,
    ERROR,
    OK,
    BrokenChannelError,
    Rows,
    WorkerError,
    error_kind,
)
from lakeward.gateway.engines.workers.reader_process import SEQUENCE
from lakeward.gateway.engines.workers.spawn import Nursery, Worker

_STATEMENTS_OF_ONE: Final = 5_000
"""After so many a reader is replaced: whatever a library leaks, it leaks no further."""

_SECONDS_TO_OBEY: Final = 1.0
"""How long a reader that was told to stop may take before it is killed."""

_SECONDS_TO_DRAIN: Final = 0.5
_SECONDS_BETWEEN_CHECKS: Final = 0.1


@dataclass(kw_only=True, slots=True)
class Reader:
    """A reader's process, and the sets of tables for which it has an engine open."""

    worker: Worker
    sequence: int = 0
    is_ready: bool = False
    known: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def interrupt(self, sequence: int) -> None:
        """End the statement of that number, from any thread; a reader that does not obey is killed."""
        with contextlib.suppress(OSError):
            self.worker.control.send(SEQUENCE.pack(sequence))
        guard = threading.Timer(_SECONDS_TO_OBEY, self._kill, [sequence])
        guard.daemon = True
        guard.start()

    def _kill(self, sequence: int) -> None:
        with self.lock:
            if self.sequence == sequence:
                self.worker.kill()

    def next(self) -> None:
        """Turn to the next number; whatever is said of an older one counts no more."""
        with self.lock:
            self.sequence += 1

    def is_idle_again(self) -> bool:
        """Read on until the reader has said all about its statement; whether it did so in time."""
        self.worker.channel.sock.settimeout(_SECONDS_TO_DRAIN)
        until = time.monotonic() + _SECONDS_TO_DRAIN
        try:
            while time.monotonic() < until:
                kind, _payload = self.worker.channel.receive()
                if kind in {DONE, ERROR, OK}:
                    self.worker.channel.sock.settimeout(None)
                    return True
        except BrokenChannelError:
            pass
        return False


class Readers:
    """At most `most` readers; safe to use from several threads."""

    def __init__(self, nursery: Nursery, most: int, kept_engines: int) -> None:
        self._nursery, self._most, self._kept = nursery, most, kept_engines
        self._idle: list[Reader] = []
        self._count = 0
        self._line: deque[object] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._warm = threading.Thread(target=self._start_first, name="lakeward-readers", daemon=True)
        self._warm.start()

    def _start_first(self) -> None:
        with contextlib.suppress(
            Exception
        ):  # whoever needs a reader starts one, and says so where that fails
            with self._changed:
                self._count += 1
            self._put(self._started())

    def _started(self) -> Reader:
        try:
            reader = Reader(worker=self._nursery.start("reader"))
        except BaseException:
            self._forget()
            raise
        return reader

    @contextlib.contextmanager
    def lease(self, key: str, check: Callable[[], None]) -> Iterator["Lease"]:
        """Hold a reader for one statement, best one that has an engine for its tables.

        Args:
            key: The set of tables.
            check: Called while waiting; raises when the statement is to end.
        """
        lease = Lease(self, self.take(key, check))
        try:
            yield lease
        finally:
            lease.end()

    def take(self, key: str, check: Callable[[], None]) -> Reader:
        """Wait for a reader that is free, or start one."""
        reader = self._waited_for(key, check)
        while reader is not None and not reader.worker.is_alive():
            self.drop(reader)
            reader = self._waited_for(key, check)
        reader = reader or self._started()
        self._ready(reader)
        reader.next()
        if key in reader.known:
            reader.known.remove(key)
        reader.known = [*reader.known, key][-self._kept :]
        return reader

    def _waited_for(self, key: str, check: Callable[[], None]) -> Reader | None:
        """Wait for an idle reader, best one that knows the tables; None when one more may be started.

        Who comes first is served first: else, on a busy machine, somebody waits for minutes.
        """
        turn = object()
        with self._changed:
            self._line.append(turn)
            try:
                while self._line[0] is not turn or not (self._idle or self._count < self._most):
                    check()
                    self._changed.wait(_SECONDS_BETWEEN_CHECKS)
                return self._picked(key)
            finally:
                self._line.remove(turn)
                self._changed.notify_all()

    def _picked(self, key: str) -> Reader | None:
        if not self._idle:
            self._count += 1
            return None
        found = next((each for each in self._idle if key in each.known), self._idle[-1])
        self._idle.remove(found)
        return found

    def _ready(self, reader: Reader) -> None:
        """Wait for the first word of a new reader, that its first engine is open."""
        if reader.is_ready:
            return
        try:
            reader.is_ready = reader.worker.channel.receive()[0] == OK
        finally:
            if not reader.is_ready:
                self.drop(reader)
        if not reader.is_ready:
            raise BrokenChannelError

    def give_back(self, reader: Reader) -> None:
        """Keep a reader that is idle again."""
        reader.next()
        if reader.sequence >= _STATEMENTS_OF_ONE * 2:
            self.drop(reader)
        else:
            self._put(reader)

    def _put(self, reader: Reader) -> None:
        with self._changed:
            if not self._closed:
                self._idle.append(reader)
                self._changed.notify_all()
                return
        self.drop(reader)

    def drop(self, reader: Reader) -> None:
        """End a reader; the next one who needs one starts another."""
        reader.next()
        reader.worker.discard()
        self._forget()

    def _forget(self) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """End every reader that is idle; one that is not ends with its statement."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
        self._warm.join()
        for each in idle:
            self.drop(each)


class Lease:
    """A reader held for one statement."""

    def __init__(self, readers: Readers, reader: Reader) -> None:
        self.reader = reader
        self._channel = reader.worker.channel
        self._readers = readers
        self._rows: Rows | None = None
        self._is_idle = True
        self._is_over = False

    def rows(self, order: Mapping[str, Any]) -> Rows:
        """Give the reader an order and return the rows that it sends.

        Raises:
            WorkerError: The engine failed.
            BrokenChannelError: The reader is gone.
        """
        self._is_idle = False
        self._channel.send_json(b"R", order)
        try:
            self._rows = Rows(self._channel, is_trusted=True)
        except WorkerError:
            self._is_idle = True
            raise
        return self._rows

    def send_order(self, order: Mapping[str, Any], target: socket.socket) -> None:
        """Give the reader an order whose rows go somewhere else.

        Raises:
            BrokenChannelError: The reader is gone.
        """
        self._is_idle = False
        self._channel.send_json(b"R", order, fds=[target.fileno()])

    def has_spoken(self) -> bool:
        """Whether the end of such an order is there to be read, without waiting for it."""
        return self._channel.has_input()

    def outcome(self) -> str | None:
        """Wait for the end of such an order; the class of the error that ended it, None if all is well.

        Raises:
            BrokenChannelError: The reader is gone.
        """
        kind, payload = self._channel.receive()
        self._is_idle = True
        return error_kind(payload) if kind == ERROR else None

    def end(self) -> None:
        """Give the reader back if its statement is over, or can be ended now; else end the reader."""
        if self._is_over:
            return
        self._is_over = True
        idle = self._rows.is_over if self._rows is not None else self._is_idle
        if not idle:
            self.reader.interrupt(self.reader.sequence)
            idle = self.reader.is_idle_again()
        if idle:
            self._readers.give_back(self.reader)
        else:
            self._readers.drop(self.reader)
