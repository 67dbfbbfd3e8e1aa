"""When running statements have had their time: one thread looks at the clock for all of them."""

import threading
import time
from collections.abc import Callable
from itertools import count
from math import inf
from typing import Final

_FOREVER: Final = threading.TIMEOUT_MAX
_SECONDS_TO_WAIT_FOR_A_THREAD: Final = 0.5


class Deadlines:
    """Acts that are due at some time, unless they are taken back; safe to use from several threads.

    A thread to each statement costs a short one more than its rows do. An act that has come due has a thread
    of its own, so that one which takes long keeps no other waiting.
    """

    def __init__(self) -> None:
        self._due: dict[int, tuple[float, Callable[[], object]]] = {}
        self._numbers = count()
        self._changed = threading.Condition()
        self._wakes_at = inf
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def add(self, seconds: float, act: Callable[[], object]) -> int:
        """Do `act` in so many seconds; gives the number to take it back by."""
        when = time.monotonic() + seconds
        with self._changed:
            number = next(self._numbers)
            self._due[number] = when, act
            if self._thread is None:
                thread = threading.Thread(target=self._look, name="lakeward-deadlines", daemon=True)
                thread.start()
                self._thread = thread  # not before it runs: else nobody would look at the clock again
            elif when < self._wakes_at:
                self._changed.notify()
        return number

    def remove(self, number: int) -> None:
        """Take an act back; one that was done, or taken back before, does no harm."""
        with self._changed:
            self._due.pop(number, None)

    def close(self) -> None:
        """Look at the clock no more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _look(self) -> None:
        while (acts := self._next()) is not None:
            for each in acts:
                self._do(each)

    def _do(self, act: Callable[[], object]) -> None:
        """Do what is due, on a thread of its own; soon, where no more of them can be had now."""
        try:
            threading.Thread(target=act, name="lakeward-deadline", daemon=True).start()
        except RuntimeError:
            self.add(_SECONDS_TO_WAIT_FOR_A_THREAD, act)

    def _next(self) -> list[Callable[[], object]] | None:
        """Wait until something may be due, and give what is; None when nobody is to look any more."""
        with self._changed:
            self._wakes_at = min((when for when, _act in self._due.values()), default=inf)
            self._changed.wait(min(max(0.0, self._wakes_at - time.monotonic()), _FOREVER))
            if self._is_closed:
                return None
            now = time.monotonic()
            over = [number for number, (when, _act) in self._due.items() if when <= now]
            return [self._due.pop(number)[1] for number in over]
