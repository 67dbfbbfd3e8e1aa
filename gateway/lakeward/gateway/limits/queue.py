"""Who may run now: so many of everybody and of each principal; the rest wait their turn, or are refused."""

import itertools
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.errors import OverloadedError, Refusal
from lakeward.gateway.session import Limits

REFUSALS: Final[tuple[Refusal, ...]] = ("principal", "gateway", "waited")


@dataclass(eq=False, slots=True)
class Place:
    """One statement's place: it waits, runs, or has left; `number` says who asked first."""

    whose: str
    limits: Limits
    number: int
    state: Literal["waiting", "running", "left"] = "waiting"
    changed: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False, slots=True)
class _Line:
    """The statements of one principal."""

    running: int = 0
    waiting: deque[Place] = field(default_factory=deque)

    def is_ready(self) -> bool:
        """Whether the first that waits may run, as far as its principal's own share goes."""
        return bool(self.waiting) and self.running < self.waiting[0].limits.statements


@dataclass(frozen=True, slots=True)
class QueueState:
    """How full it is, and how many were refused why since the start."""

    running: int
    waiting: int
    refused: Mapping[Refusal, int]


class StatementQueue:
    """Gives out places; safe to use from several threads.

    A place that gets free goes to the principal who has the fewest, so that nobody waits behind another's
    flood; among equals to whoever asked first. When no more may wait, the last of the longest line makes room
    for somebody whose own line is shorter.

    Args:
        running: Places of everybody.
        waiting: How many may wait for one.
    """

    def __init__(self, running: int, waiting: int) -> None:
        self._most_running, self._most_waiting = running, waiting
        self._running = self._waiting = 0
        self._lines: dict[str, _Line] = {}
        self._refused: Counter[Refusal] = Counter()
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def enter(self, whose: str, limits: Limits, ending: Cancellation | None = None) -> Place:
        """Wait for a place; whoever gets it calls `leave`.

        Args:
            whose: The principal.
            limits: Their share, and how long to wait.
            ending: What ends the waiting, too.

        Raises:
            OverloadedError: There is none, and no room to wait, or none came in time.
            LakewardError: The statement was cancelled meanwhile.
        """
        place = self.ask(whose, limits)
        try:
            self._wait(place, ending)
        except BaseException:
            self.leave(place)
            raise
        return place

    @contextmanager
    def place(self, whose: str, limits: Limits) -> Iterator[None]:
        """Hold a place while the block runs; see `enter`."""
        place = self.enter(whose, limits)
        try:
            yield
        finally:
            self.leave(place)

    def ask(self, whose: str, limits: Limits) -> Place:
        """Take a place, or one among those that wait, without waiting.

        Raises:
            OverloadedError: There is room for neither.
        """
        with self._lock:
            line = self._lines.get(whose) or _Line()
            place = Place(whose, limits, next(self._numbers))
            if self._running < self._most_running and not line.waiting and line.running < limits.statements:
                self._lines[whose] = line
                self._let_run(line, place)
                return place
            if len(line.waiting) >= limits.queue:
                raise self._refusal(line, limits)
            if self._waiting >= self._most_waiting and not self._make_room(line):
                raise self._counted("gateway")
            self._lines[whose] = line
            line.waiting.append(place)
            self._waiting += 1
            return place

    def leave(self, place: Place) -> None:
        """Give a place back, whether it was waited for or run in; once is enough, twice does no harm."""
        with self._lock:
            line = self._lines.get(place.whose)
            if place.state == "left" or line is None:
                return
            if place.state == "running":
                line.running -= 1
                self._running -= 1
            else:
                line.waiting.remove(place)
                self._waiting -= 1
            self._gone(place, line)
            self._let_in()

    def state(self) -> QueueState:
        """Say how full it is."""
        with self._lock:
            refused = {each: self._refused[each] for each in REFUSALS}
            return QueueState(self._running, self._waiting, refused)

    def _wait(self, place: Place, ending: Cancellation | None) -> None:
        if place.changed.is_set():
            return
        if ending is not None:
            ending.on_cancel(place.changed.set)
        place.changed.wait(place.limits.wait_seconds)
        with self._lock:
            if place.state == "running":
                return  # whether it was cancelled meanwhile is asked where it runs
            if ending is not None:
                ending.check()
            if place.state == "left":
                raise self._counted("gateway")
            is_own = self._lines[place.whose].running >= place.limits.statements
            raise self._counted("waited", place.limits, is_own=is_own)

    def _let_in(self) -> None:
        """Let run whoever may, as long as there is room."""
        while self._waiting and self._running < self._most_running:
            ready = [each for each in self._lines.values() if each.is_ready()]
            if not ready:
                return
            line = min(ready, key=lambda each: (each.running, each.waiting[0].number))
            self._waiting -= 1
            self._let_run(line, line.waiting.popleft())

    def _let_run(self, line: _Line, place: Place) -> None:
        line.running += 1
        self._running += 1
        place.state = "running"
        place.changed.set()

    def _make_room(self, line: _Line) -> bool:
        """Push out the last of the longest line, unless ours would then be the longer one."""
        longest = max(self._lines.values(), key=lambda each: len(each.waiting), default=line)
        if len(longest.waiting) <= len(line.waiting) + 1:
            return False
        last = longest.waiting.pop()
        self._waiting -= 1
        self._gone(last, longest)
        last.changed.set()
        return True

    def _gone(self, place: Place, line: _Line) -> None:
        """Forget a principal of whom nothing is left, so that names alone fill no memory."""
        place.state = "left"
        if not line.running and not line.waiting:
            self._lines.pop(place.whose, None)

    def _refusal(self, line: _Line, limits: Limits) -> OverloadedError:
        """Say whose share is used up: who could run but for the others has used up nothing."""
        is_own = bool(line.waiting) or line.running >= limits.statements
        return self._counted("principal", limits) if is_own else self._counted("gateway")

    def _counted(self, why: Refusal, limits: Limits | None = None, *, is_own: bool = True) -> OverloadedError:
        self._refused[why] += 1
        return OverloadedError(why, limits or Limits(), is_own=is_own and why != "gateway")
