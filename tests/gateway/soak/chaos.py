"""Kills workers at random, and takes what the gateway holds of the machine."""

import os
import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.gateway.fuzz.serving import Serving, Vitals, children

_NURSERY = 40  # one kill in so many is the process that workers are forked from


@dataclass
class Chaos:
    """Kills a worker every now and then.

    Args:
        served: Whose workers.
        seconds: Between two kills, about.
    """

    served: Serving
    seconds: float
    killed: int = 0

    def kill_until(self, end: threading.Event) -> None:
        """Kill until told to stop."""
        chance = random.Random(0)  # noqa: S311  no secret
        while not end.wait(chance.uniform(0, 2 * self.seconds)):
            if chance.randrange(_NURSERY) == 0:
                found = children(self.served.process.pid)
            else:
                found = self.served.workers()
            if found:
                with suppress(ProcessLookupError):
                    os.kill(chance.choice(found), signal.SIGKILL)
                    self.killed += 1


@dataclass
class Curve:
    """What the gateway and its workers hold, over time."""

    served: Serving
    seconds: float
    points: list[tuple[float, Vitals, Vitals]] = field(default_factory=list)

    def measure_until(self, end: threading.Event) -> None:
        """Measure until told to stop."""
        began = time.monotonic()
        while not end.wait(self.seconds):
            self.points.append((time.monotonic() - began, self.served.vitals(), self.served.worker_vitals()))

    def growth(self) -> tuple[float, float, float]:
        """How much memory, files and threads the gateway has more in the last quarter than in the one before.

        Until then it keeps the first thousand plans, which are worth more than a hundred MiB in this corpus.
        """
        quarter = max(len(self.points) // 4, 1)
        early, late = self.points[-2 * quarter : -quarter], self.points[-quarter:]
        return (
            _mean([each.memory for _, each, _ in late]) / _mean([each.memory for _, each, _ in early]),
            _mean([each.files for _, each, _ in late]) - _mean([each.files for _, each, _ in early]),
            _mean([each.threads for _, each, _ in late]) - _mean([each.threads for _, each, _ in early]),
        )

    def __str__(self) -> str:
        return "\n".join(
            f"{at:5.0f} s: gateway {v.memory:.0f} MiB {v.files} files {v.threads} threads; "
            f"{w.processes} workers {w.memory:.0f} MiB"
            for at, v, w in self.points
        )


def _mean(values: list[float] | list[int]) -> float:
    return sum(values) / max(len(values), 1)
