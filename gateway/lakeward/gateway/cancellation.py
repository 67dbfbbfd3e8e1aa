"""How a running statement is told to end."""

import threading
from collections.abc import Callable

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.errors import StatementCancelledError


class Cancellation:
    """Ends one statement, from any thread, at any time: before it runs, while it runs, or after.

    A door that must be able to end a statement before `Gateway.execute` has returned makes one and gives it
    along.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._why: LakewardError | None = None
        self._act: Callable[[], object] | None = None

    def cancel(self, why: LakewardError | None = None) -> None:
        """End the statement; the first call decides what its reader is told."""
        with self._lock:
            if self._why is not None:
                return
            self._why = why or StatementCancelledError()
            act = self._act
        if act is not None:
            act()

    @property
    def why(self) -> LakewardError | None:
        """What the statement's reader is told; None while nobody has cancelled it."""
        return self._why

    def check(self) -> None:
        """Go on only if nobody has cancelled.

        Raises:
            LakewardError: Somebody has.
        """
        if self._why is not None:
            raise self._why

    def on_cancel(self, act: Callable[[], object]) -> None:
        """Say what to do on a cancellation; it is done at once when there has been one.

        What was said before is forgotten.
        """
        with self._lock:
            self._act = act
            is_late = self._why is not None
        if is_late:
            act()
