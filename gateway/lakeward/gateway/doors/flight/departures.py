"""Clients that go away while they wait for a first batch: one thread looks for all of them.

A thread to each statement would take a short one longer than its rows do.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.errors import StatementCancelledError

_SECONDS_BETWEEN_LOOKS: Final = 0.1


class Departures:
    """Ends the statements of those who have gone; safe to use from several threads."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[Callable[[], bool], Cancellation]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def watched(self, is_gone: Callable[[], bool], ending: Cancellation) -> Iterator[None]:
        """End a statement when its client goes away, as long as the block runs.

        Args:
            is_gone: Asked now and then; never after the block, when the call that it asks may have ended.
            ending: Of the statement.
        """
        with self._lock:
            self._waiting[id(ending)] = is_gone, ending
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="lakeward-flight-watch", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.pop(id(ending), None)

    def close(self) -> None:
        """Look no more."""
        self._closed.set()

    def _look(self) -> None:
        while not self._closed.wait(_SECONDS_BETWEEN_LOOKS):
            with self._lock:
                gone = [ending for is_gone, ending in self._waiting.values() if is_gone()]
            for each in gone:
                each.cancel(StatementCancelledError())
