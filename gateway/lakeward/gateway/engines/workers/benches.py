"""Benches, started ahead of need: each serves one statement and is thrown away."""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from lakeward.gateway.engines.workers.frames import BrokenChannelError
from lakeward.gateway.engines.workers.spawn import Nursery, Worker, WorkerNotStartedError

Opening = Callable[[Worker], Sequence[str]]
"""What a bench runs ahead of need: what every statement's bench is set to, whoever asks."""


class Benches:
    """Keeps `warm` benches ready; safe to use from several threads.

    Each runs `opening` while it waits. Whoever takes one waits for its word on that, and locks it.
    """

    def __init__(self, nursery: Nursery, warm: int, opening: Opening) -> None:
        self._nursery, self._warm, self._opening = nursery, warm, opening
        self._ready: deque[Worker] = deque()
        self._wanted = threading.Event()
        self._wanted.set()
        self._closed = False
        self._lock = threading.Lock()
        self._refiller = threading.Thread(target=self._refill, name="lakeward-benches", daemon=True)
        self._refiller.start()

    def take(self) -> Worker:
        """Return a bench that nobody has used; the caller discards it.

        Raises:
            WorkerNotStartedError: None could be started.
        """
        bench = self._next()
        while bench is not None and not bench.is_alive():
            bench.discard()
            bench = self._next()
        self._wanted.set()
        return bench or self._started()

    def _next(self) -> Worker | None:
        with self._lock:
            return self._ready.popleft() if self._ready else None

    def _started(self) -> Worker:
        bench = self._nursery.start("bench")
        try:
            bench.channel.send_json(b"O", list(self._opening(bench)))
        except BrokenChannelError:
            bench.discard()
            raise WorkerNotStartedError from None
        return bench

    def _refill(self) -> None:
        while self._wanted.wait() and not self._closed:
            self._wanted.clear()
            while len(self._ready) < self._warm and not self._closed:
                try:
                    self._keep(self._started())
                except WorkerNotStartedError:
                    break  # whoever needs one will start it, and say so where that fails

    def _keep(self, bench: Worker) -> None:
        with self._lock:
            if not self._closed:
                self._ready.append(bench)
                return
        bench.discard()

    def close(self) -> None:
        """Throw away what is ready."""
        with self._lock:
            self._closed = True
        self._wanted.set()
        self._refiller.join()
        while self._ready:
            self._ready.popleft().discard()
