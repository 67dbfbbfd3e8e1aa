"""Ends running statements when what their principal came in by ends."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lakeward.gateway.identity.identity import Identity

_SECONDS_BETWEEN_LOOKS = 0.3


class Watch:
    """Looks three times a second at the identities of what runs; its thread ends when nothing does."""

    def __init__(self, is_valid: Callable[[Identity], bool]) -> None:
        self._is_valid = is_valid
        self._running: dict[object, tuple[Identity, Callable[[], object]]] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def guarding(self, identity: Identity, cancel: Callable[[], object]) -> Iterator[None]:
        """Call `cancel` once when the identity ends, or cannot be asked about, while the block runs."""
        mark = object()
        with self._lock:
            self._running[mark] = (identity, cancel)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="lakeward-identities", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._running.pop(mark, None)

    def close(self) -> None:
        """Stop looking."""
        self._closed.set()

    def _look(self) -> None:
        while not self._closed.wait(_SECONDS_BETWEEN_LOOKS):
            with self._lock:
                if not self._running:
                    self._thread = None
                    return
                running = list(self._running.items())
            ended: dict[Identity, bool] = {}
            for mark, (identity, cancel) in running:
                if identity not in ended:
                    ended[identity] = not self._may_go_on(identity)
                if ended[identity]:
                    self._end(mark, cancel)

    def _may_go_on(self, identity: Identity) -> bool:
        try:
            return self._is_valid(identity)
        except Exception:  # noqa: BLE001  what cannot be asked lets nothing go on, and the watch goes on
            return False

    def _end(self, mark: object, cancel: Callable[[], object]) -> None:
        with self._lock:
            still = self._running.pop(mark, None)
        if still is not None:
            with contextlib.suppress(Exception):  # the others must end whatever this one does
                cancel()
