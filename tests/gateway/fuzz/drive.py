"""Fuzzing of one port: several connections at once, and a look at the gateway after every few inputs."""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from tests.gateway.fuzz.serving import Serving, Vitals

MANY = int(os.environ.get("LAKEWARD_FUZZ", "2500"))
"""How many inputs the slow tests send to each port."""
SECONDS = float(os.environ.get("LAKEWARD_FUZZ_SECONDS", "86400"))
"""When they stop earlier."""
SEED = int(os.environ.get("LAKEWARD_FUZZ_SEED", "0"))
SECONDS_TO_ANSWER = 30.0
_EVERY = 10_000  # inputs between two looks
_WARM = 0.2  # of all inputs: what is loaded and kept until then is no growth
_PLANTED = (b"SECRET", b'.py", line', b'.pyx", line', b"XX000", b"/site-packages/")


class HungError(AssertionError):
    """No answer came, and no end."""


class Talker(Protocol):
    """Says strange things at one port; one thread's own."""

    def round(self) -> int:
        """Send inputs and read all that comes back; return how many the gateway has taken."""

    def close(self) -> None:
        """Hang up."""


@dataclass
class Report:
    """What came of fuzzing."""

    inputs: int = 0
    seconds: float = 0.0
    curve: list[tuple[int, Vitals]] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def __str__(self) -> str:
        shown = [
            f"{inputs}: {v.memory:.0f} MiB {v.files} files {v.threads} threads" for inputs, v in self.curve
        ]
        return f"{self.inputs} inputs in {self.seconds:.0f} s\n  " + "\n  ".join(shown)


def fuzz(
    served: Serving, make: Callable[[int], Talker], honest: Callable[[], None], count: int, talkers: int = 4
) -> Report:
    """Send `count` inputs; the gateway lives, answers the honest, tells nothing and grows by nothing."""
    crowd = _Crowd(make, count)
    threads = [threading.Thread(target=crowd.talk, args=(seed,), daemon=True) for seed in range(talkers)]
    for each in threads:
        each.start()
    report, every = crowd.report, min(_EVERY, max(count // 10, 50))
    following = every
    while not crowd.done.wait(0.1):
        if report.inputs >= following:
            look(served, honest, report)
            following = report.inputs + every
    for each in threads:
        each.join(2 * SECONDS_TO_ANSWER)
    report.seconds = time.monotonic() - crowd.began
    look(served, honest, report)
    judge(report)
    return report


class _Crowd:
    """Those who talk at once, until enough was said or one has found a fault."""

    def __init__(self, make: Callable[[int], Talker], count: int) -> None:
        self._make, self._count, self._lock = make, count, threading.Lock()
        self.report, self.done, self.began = Report(), threading.Event(), time.monotonic()

    def talk(self, seed: int) -> None:
        """Talk in rounds."""
        talker = self._make(SEED + seed)
        try:
            while not self.done.is_set():
                self._note(talker.round())
        except BaseException as error:  # noqa: BLE001  told by the test's own thread
            self.report.faults.append(error)
            self.done.set()
        finally:
            talker.close()

    def _note(self, taken: int) -> None:
        with self._lock:
            self.report.inputs += taken
        if self.report.inputs >= self._count or time.monotonic() - self.began > SECONDS:
            self.done.set()


def look(served: Serving, honest: Callable[[], None], report: Report) -> None:
    """Ask as an honest client does, and measure."""
    assert served.is_alive, (report.faults, served.process.returncode)
    if not report.faults:
        honest()
    report.curve.append((report.inputs, served.vitals()))
    served.check_log()
    print(report.curve[-1], round(time.monotonic()), flush=True)  # noqa: T201  how a run of an hour goes


def judge(report: Report) -> None:
    """Find faults, and growth beyond what comes and goes."""
    if report.faults:
        raise report.faults[0]
    warm = [vitals for inputs, vitals in report.curve if inputs >= report.inputs * _WARM]
    first, last = warm[0], warm[-1]
    assert last.files <= first.files + 20, report
    assert last.threads <= first.threads + 80, report
    assert last.memory <= first.memory * 1.15 + 40, report


def check(answer: bytes, sent: object) -> bytes:
    """Look for what must not be in an answer."""
    for word in _PLANTED:
        assert word not in answer, (word, sent, answer[:5_000])
    return answer


def connect(address: tuple[str, int], *, source: str | None = None) -> socket.socket:
    """Connect, from an address of loopback if one is given, so that one caller's failures stay its own."""
    connection = socket.create_connection(
        address, timeout=SECONDS_TO_ANSWER, source_address=(source, 0) if source else None
    )
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_to_end(connection: socket.socket, sent: object, answer: bytes = b"") -> bytes:
    """Read until the door closes, which it does.

    Raises:
        HungError: It does not.
    """
    got = bytearray(answer)
    try:
        while chunk := connection.recv(1 << 16):
            got += chunk
    except (ConnectionError, BrokenPipeError):
        pass  # the door had heard enough
    except TimeoutError:
        raise HungError(sent, bytes(got[:2_000])) from None
    except OSError:
        pass  # TLS that was cut off
    return check(bytes(got), sent)
