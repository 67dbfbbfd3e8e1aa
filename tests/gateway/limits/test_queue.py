"""The queue: never more than may run, everybody served or refused, no place lost, no flood others feel."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.errors import OverloadedError, StatementCancelledError
from lakeward.gateway.limits.queue import Place, StatementQueue
from lakeward.gateway.session import Limits

NAMES = st.sampled_from(["ada", "bob", "eve"])


def limits(statements: int = 2, queue: int = 3, wait: float = 0.0) -> Limits:
    """A share."""
    return replace(Limits(), statements=statements, queue=queue, wait_seconds=wait)


class Queueing(RuleBasedStateMachine):
    """Whatever is asked and given back, in whatever order."""

    places = Bundle("places")

    def __init__(self) -> None:
        super().__init__()
        self.queue = StatementQueue(4, 5)
        self.made: list[Place] = []

    @rule(target=places, whose=NAMES, statements=st.integers(1, 3), queue=st.integers(0, 4))
    def ask(self, whose: str, statements: int, queue: int) -> object:
        try:
            place = self.queue.ask(whose, limits(statements, queue))
        except OverloadedError:
            return multiple()
        self.made.append(place)
        return place

    @rule(place=places)
    def leave(self, place: Place) -> None:
        self.queue.leave(place)
        assert place.state == "left"

    @rule(place=places)
    def leave_twice(self, place: Place) -> None:
        self.queue.leave(place)
        self.queue.leave(place)

    @invariant()
    def holds(self) -> None:
        state = self.queue.state()
        running = [each for each in self.made if each.state == "running"]
        waiting = [each for each in self.made if each.state == "waiting"]
        assert (len(running), len(waiting)) == (state.running, state.waiting)
        assert state.running <= 4
        assert state.waiting <= 5
        assert all(each.changed.is_set() for each in running)
        for name in ("ada", "bob", "eve"):
            own = [each for each in running if each.whose == name]
            line = [each for each in waiting if each.whose == name]
            assert len(own) <= max((each.limits.statements for each in own), default=0)
            # nobody waits while there is room for them
            if line and state.running < 4:
                assert len(own) >= min(line, key=lambda each: each.number).limits.statements

    def teardown(self) -> None:
        for each in self.made:
            self.queue.leave(each)
        assert (self.queue.state().running, self.queue.state().waiting) == (0, 0)
        assert not self.queue._lines


TestQueueing = Queueing.TestCase


class Crowd:
    """Threads that take places, hold them for a moment, fail, are cancelled, or come too late."""

    def __init__(self, seed: int, queue: StatementQueue) -> None:
        self.queue, self.chance = queue, random.Random(seed)  # noqa: S311  a test's dice
        self.running = self.peak = 0
        self.ended: list[str] = []
        self.lock = threading.Lock()

    def run(self, count: int) -> None:
        """Run so many, all at once."""
        hows = ["fine", "fails", "cancelled"]
        plans = [
            (self.chance.choice("abc"), self.chance.choice(hows), self.chance.choice([0.0, 0.02, 1.0]))
            for _ in range(count)
        ]
        threads = [threading.Thread(target=self.one, args=plan) for plan in plans]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)

    def one(self, whose: str, how: str, wait: float) -> None:
        """Ask for a place, and use it."""
        ending = Cancellation()
        if how == "cancelled":
            threading.Timer(0.002, ending.cancel).start()
        try:
            place = self.queue.enter(whose, limits(2, 4, wait), ending)
        except (OverloadedError, StatementCancelledError) as refusal:
            self.ended.append(refusal.code)
            return
        try:
            self.hold(fails=how == "fails")
        except ValueError:
            pass
        finally:
            self.queue.leave(place)
        self.ended.append("served")

    def hold(self, *, fails: bool) -> None:
        """Run for a moment."""
        with self.lock:
            self.running += 1
            self.peak = max(self.peak, self.running)
        time.sleep(0.002)
        with self.lock:
            self.running -= 1
        if fails:
            raise ValueError


@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(0, 6))
def test_threads_that_fail_are_cancelled_or_come_too_late_lose_no_place(
    seed: int, most: int, room: int
) -> None:
    queue = StatementQueue(most, room)
    crowd = Crowd(seed, queue)
    crowd.run(24)
    assert len(crowd.ended) == 24
    assert 0 < crowd.peak <= most
    assert (queue.state().running, queue.state().waiting) == (0, 0)


def test_a_free_place_goes_to_whoever_has_the_fewest() -> None:
    queue = StatementQueue(2, 100)
    flood = [queue.ask("ada", limits(2, 50)) for _ in range(40)]
    other = queue.ask("bob", limits(2, 50))
    queue.leave(flood[0])
    assert other.state == "running"
    assert [each.state for each in flood].count("running") == 1


def test_a_flood_neither_takes_all_places_nor_the_whole_queue() -> None:
    queue = StatementQueue(3, 10)
    share = limits(2, 10)
    for _ in range(12):
        queue.ask("ada", share)
    with pytest.raises(OverloadedError) as refused:
        queue.ask("ada", share)
    assert refused.value.is_own
    assert queue.ask("bob", share).state == "running"
    waits = [queue.ask("bob", share) for _ in range(4)]  # each pushes out the last of the flood
    assert [each.state for each in waits] == ["waiting"] * 4
    assert queue.state().waiting == 10


def test_who_is_pushed_out_is_told_so_at_once_and_who_is_not_gets_the_next_place() -> None:
    queue, told = StatementQueue(1, 2), []
    held = queue.ask("ada", limits())

    def wait() -> None:
        try:
            queue.leave(queue.enter("ada", limits(wait=20)))
            told.append("served")
        except OverloadedError as refused:
            told.append(f"refused {refused.is_own}")

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for each in threads:
        each.start()
    wait_until(lambda: queue.state().waiting == 2)
    bob = queue.ask("bob", limits())
    wait_until(lambda: told == ["refused False"])
    queue.leave(bob)
    queue.leave(held)
    for each in threads:
        each.join(10)
    assert told == ["refused False", "served"]
    assert queue.state().refused["gateway"] == 1


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that soon holds."""
    until = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.001)


def test_one_that_waits_is_refused_when_its_time_is_over_and_cancelled_when_it_is_told_so() -> None:
    queue = StatementQueue(1, 5)
    held = queue.enter("ada", limits())
    with pytest.raises(OverloadedError, match=r"within 0\.01 seconds"):
        queue.enter("bob", limits(wait=0.01))
    ending = Cancellation()
    threading.Timer(0.05, ending.cancel).start()
    began = time.monotonic()
    with pytest.raises(StatementCancelledError):
        queue.enter("bob", limits(wait=30), ending)
    assert time.monotonic() - began < 5
    assert queue.state().waiting == 0
    queue.leave(held)
    assert queue.state().refused == {"principal": 0, "gateway": 0, "waited": 1}


def test_one_that_was_cancelled_before_it_asked_does_not_wait() -> None:
    queue, ending = StatementQueue(1, 5), Cancellation()
    ending.cancel()
    held = queue.enter("ada", limits(), ending)  # where it runs, it is told
    with pytest.raises(StatementCancelledError):
        queue.enter("ada", limits(wait=30), ending)
    queue.leave(held)
    assert (queue.state().running, queue.state().waiting) == (0, 0)
