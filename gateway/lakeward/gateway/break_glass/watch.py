"""Ends statements that run under emergency access when it ends."""

import threading
from collections.abc import Callable

from lakeward.gateway.break_glass.errors import GlassEndedError
from lakeward.gateway.cancellation import Cancellation

_SECONDS_BETWEEN_LOOKS = 0.25


class GlassWatch:
    """Looks four times a second whether what a statement runs under still counts; a doubt ends it."""

    def __init__(self, still_counts: Callable[[], bool], ending: Cancellation) -> None:
        self._still_counts = still_counts
        self._ending = ending
        self._done = threading.Event()
        threading.Thread(target=self._look, name="lakeward-break-glass", daemon=True).start()

    def stop(self) -> None:
        """Stop looking: the statement has ended."""
        self._done.set()

    def _look(self) -> None:
        while not self._done.wait(_SECONDS_BETWEEN_LOOKS):
            if not self._counts():
                self._ending.cancel(GlassEndedError())
                return

    def _counts(self) -> bool:
        try:
            return self._still_counts()
        except Exception:  # noqa: BLE001  whatever is in the way of knowing: what is not known does not count
            return False
