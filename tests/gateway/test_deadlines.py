"""What ends a statement when its time is over."""

import threading
import time
from collections.abc import Iterator

import pytest

from lakeward.gateway.deadlines import Deadlines


@pytest.fixture
def deadlines() -> Iterator[Deadlines]:
    made = Deadlines()
    yield made
    made.close()


def test_a_deadline_is_acted_on_when_it_comes_and_not_before(deadlines: Deadlines) -> None:
    came = threading.Event()
    began = time.monotonic()
    deadlines.add(0.2, came.set)
    assert came.wait(30)
    assert time.monotonic() - began >= 0.2


def test_one_that_was_taken_back_is_not_acted_on(deadlines: Deadlines) -> None:
    taken_back, later = threading.Event(), threading.Event()
    number = deadlines.add(0.1, taken_back.set)
    deadlines.add(0.3, later.set)
    deadlines.remove(number)
    deadlines.remove(number)
    assert later.wait(30)
    assert not taken_back.is_set()


def test_a_sooner_one_that_comes_later_waits_for_no_other(deadlines: Deadlines) -> None:
    sooner = threading.Event()
    deadlines.add(3600, lambda: None)
    time.sleep(0.1)  # the thread sleeps until the first one is due
    deadlines.add(0.05, sooner.set)
    assert sooner.wait(30)


def test_an_act_that_hangs_or_fails_holds_no_other_up(deadlines: Deadlines) -> None:
    release, came = threading.Event(), threading.Event()
    deadlines.add(0.0, lambda: release.wait(30))
    deadlines.add(0.1, came.set)
    assert came.wait(20)
    release.set()


def test_statements_that_end_leave_nothing_behind(deadlines: Deadlines) -> None:
    for _ in range(1_000):
        deadlines.remove(deadlines.add(300, lambda: None))
    assert not deadlines._due
    assert threading.active_count() < 100


def without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


def test_one_that_finds_no_thread_is_acted_on_when_there_is_one(
    deadlines: Deadlines, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = threading.Event()
    deadlines.add(3600, lambda: None)
    without_threads(monkeypatch)
    deadlines._do(came.set)
    assert not came.is_set()
    monkeypatch.undo()
    assert came.wait(30)


def test_a_clock_that_could_not_be_started_is_started_by_the_next(
    deadlines: Deadlines, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = threading.Event()
    without_threads(monkeypatch)
    with pytest.raises(RuntimeError):
        deadlines.add(0.0, came.set)
    monkeypatch.undo()
    deadlines.add(3600, lambda: None)
    assert came.wait(30)
