"""Group commit: what threads hand in while one of them writes goes into the next write, all at once.

The thread that finds nobody writing writes, for itself and for whoever came before; when it is done it passes
the turn to one that waits. So one client waits for no other thread, and sixteen pay for one sync together.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

_SECONDS_UNTIL_WRITTEN = 0.03
_SECONDS_UNTIL_TRIED_AGAIN = 0.5
_IDLE_ROUNDS = 20

_Given = TypeVar("_Given")
_Written = TypeVar("_Written")


class GroupFailedError(Exception):
    """The group that an item was to be written with could not be written."""


class _Entry(Generic[_Given, _Written]):
    """One item on its way; without an item, a thread that waits for those before.

    Attributes:
        given: The item.
        is_awaited: Whether a thread waits for it.
        is_over: Whether it was written, or given up.
        leads: Whether it is its thread's turn to write.
        since: When it was handed in.
        written: What came of it; None where it was given up.
    """

    __slots__ = ("_woken", "given", "has_failed", "is_awaited", "is_over", "leads", "since", "written")

    def __init__(self, given: _Given | None, *, is_awaited: bool) -> None:
        self.given, self.is_awaited = given, is_awaited
        self.is_over = self.has_failed = self.leads = False
        self.written: _Written | None = None
        self.since = time.monotonic()
        self._woken = threading.Lock()
        self._woken.acquire()

    def wait(self) -> None:
        """Wait until it is over, or its thread is to write."""
        self._woken.acquire()

    def wake(self) -> None:
        """Let its thread go on."""
        self._woken.release()


class GroupWriter(Generic[_Given, _Written]):
    """Writes what threads hand in: in their order, many at once, one thread at a time.

    Args:
        write: Writes some items, all or none; it raises when it wrote none.
        note: Called with what was written, before whoever waits for it goes on; where it raises, they fail.
        name: Of the thread that writes what nobody waits for.
    """

    def __init__(
        self,
        write: Callable[[Sequence[_Given]], Sequence[_Written]],
        note: Callable[[Sequence[_Written]], object],
        name: str,
    ) -> None:
        self._write, self._note, self._name = write, note, name
        self._lock = threading.Lock()
        self._queue: deque[_Entry[_Given, _Written]] = deque()
        self._is_led = False
        self._late: threading.Thread | None = None

    def append(self, given: _Given) -> _Written:
        """Write an item, after all that was handed in before; it is written when this returns.

        Raises:
            GroupFailedError: Another thread wrote for this one, and failed. The item is not kept.
            Exception: What `write` or `note` raised. The item is not kept.
        """
        entry: _Entry[_Given, _Written] = _Entry(given, is_awaited=True)
        self._pass(entry)
        if entry.written is None:
            raise GroupFailedError
        return entry.written

    def append_later(self, given: _Given) -> None:
        """Hand in an item that nobody waits for; it is kept until it is written.

        It goes with the next item that somebody does wait for, or else some hundredths of a second later. No
        item is written before those that were handed in before it.
        """
        with self._lock:
            self._queue.append(_Entry(given, is_awaited=False))
            if self._late is not None:
                return
            self._late = threading.Thread(target=self._write_late, name=self._name)
        try:
            self._late.start()
        except RuntimeError:  # the interpreter is ending
            self._late = None
            self.flush()

    def flush(self) -> None:
        """Return when all that was handed in before is written.

        Raises:
            GroupFailedError: Another thread wrote for this one, and failed.
            Exception: What `write` or `note` raised.
        """
        with self._lock:
            if not self._queue and not self._is_led:
                return
        mark: _Entry[_Given, _Written] = _Entry(None, is_awaited=True)
        self._pass(mark)
        if mark.has_failed:
            raise GroupFailedError

    def _pass(self, entry: _Entry[_Given, _Written]) -> None:
        """Queue up, and come back when the entry is over."""
        try:
            with self._lock:
                self._queue.append(entry)
                leads_at_once = not self._is_led
                self._is_led, entry.leads = True, leads_at_once
            if not leads_at_once:  # not what the entry says by now: whoever gave it the turn wakes it too
                entry.wait()
            if entry.leads:
                self._lead()
        except BaseException:  # also Ctrl-C: the turn must not go with this thread
            with self._lock:
                entry.is_awaited = False
                stranded = entry.leads and not entry.is_over
            if stranded:
                self._hand_on([])
            raise

    def _lead(self) -> None:
        """Write all that is queued up, and pass the turn on."""
        group: list[_Entry[_Given, _Written]] = []
        try:
            with self._lock:
                group += self._queue
                self._queue.clear()
            self._write_group(group)
        finally:
            self._hand_on(group)

    def _write_group(self, group: Sequence[_Entry[_Given, _Written]]) -> None:
        items = [(each, each.given) for each in group if each.given is not None]
        if items:
            written = self._write([given for _, given in items])
            for each, _ in items:
                each.is_over = not each.is_awaited  # it is written: whatever comes, not a second time
            self._note(written)
            for (each, _), result in zip(items, written, strict=True):
                each.written = result
        for each in group:
            each.is_over = True

    def _hand_on(self, group: Sequence[_Entry[_Given, _Written]]) -> None:
        """Tell whoever waits how it went, keep what nobody waits for until it is written, pass the turn."""
        with self._lock:
            told = [each for each in group if each.is_awaited]
            self._queue.extendleft(
                reversed([each for each in group if not each.is_awaited and not each.is_over])
            )
            for each in told:
                each.has_failed, each.is_over, each.leads = not each.is_over, True, False
            heir = next((each for each in self._queue if each.is_awaited), None)
            self._is_led = heir is not None
            if heir is not None:
                heir.leads = True
        for each in [*told, *([heir] if heir is not None else [])]:
            each.wake()

    def _write_late(self) -> None:
        """Write what nobody waits for, until there has been none of it for a while.

        An interpreter that ends waits for this thread, so that nothing is lost with it.
        """
        idle, pause = 0, _SECONDS_UNTIL_WRITTEN
        while idle < _IDLE_ROUNDS or not self._may_end():
            time.sleep(pause)
            is_last = not threading.main_thread().is_alive()
            try:
                idle = 0 if self._write_left(at_once=is_last) else idle + 1
                pause = _SECONDS_UNTIL_WRITTEN
            except Exception:  # kept; until it is written, nothing that must be recorded can happen
                if is_last:
                    self._late = None
                    raise
                pause = _SECONDS_UNTIL_TRIED_AGAIN
            idle = _IDLE_ROUNDS if is_last else idle

    def _write_left(self, *, at_once: bool) -> bool:
        """Write what has waited, unless somebody does; whether there was anything.

        What has just come is left for who asks next to write with their own.
        """
        with self._lock:
            if self._is_led or not self._queue:
                return self._is_led
            if not at_once and time.monotonic() - self._queue[0].since < _SECONDS_UNTIL_WRITTEN:
                return True
            self._is_led = True
        self._lead()
        return True

    def _may_end(self) -> bool:
        with self._lock:
            if self._queue or self._is_led:
                return False
            self._late = None
            return True
