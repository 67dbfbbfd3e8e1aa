"""`lakeward serve` as a process of its own: its doors, its log, and what it takes of the machine."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lakeward.catalog.lake import Lake
from lakeward.gateway.serve.certificate import CERTIFICATE

_DOORS = ("postgres", "flight", "http")
_SECONDS_TO_STOP = 60


@dataclass(frozen=True, slots=True)
class Vitals:
    """What processes hold: memory in MiB (of several, the sum), open files, threads."""

    memory: float
    files: int
    threads: int
    processes: int = 1


@dataclass(kw_only=True)
class Serving:
    """A gateway that serves.

    Attributes:
        process: Its process.
        doors: Where each door is.
        roots: The certificate to trust; None for doors without TLS.
        log: The lines of its log.
    """

    process: "subprocess.Popen[str]"
    doors: dict[str, tuple[str, int]]
    roots: Path | None
    log: list[str] = field(default_factory=list)

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    def vitals(self) -> Vitals:
        """Measure the gateway's own process."""
        return vitals_of(self.process.pid)

    def workers(self) -> list[int]:
        """The processes that statements run in, without the nursery they are forked from."""
        return [each for nursery in children(self.process.pid) for each in children(nursery)]

    def worker_vitals(self) -> Vitals:
        """Measure the workers and their nursery, together."""
        nurseries = children(self.process.pid)
        found = [vitals_of(each) for each in [*nurseries, *self.workers()]]
        return Vitals(
            memory=sum(each.memory for each in found),
            files=sum(each.files for each in found),
            threads=sum(each.threads for each in found),
            processes=len(found),
        )

    def events(self) -> Counter[str]:
        """How often the log tells of what."""
        return Counter(json.loads(line)["event"] for line in list(self.log))

    def check_log(self) -> None:
        """Look for what nobody foresaw, and for planted values."""
        for line in list(self.log):
            assert line.startswith("{"), line
            said: dict[str, Any] = json.loads(line)
            assert said["event"] not in {"unexpected", "uncaught"}, line
            assert said.get("code") != "unexpected", line
            assert "SECRET" not in line, line

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End the process; return its exit code."""
        if self.is_alive:
            self.process.send_signal(how)
        return self.process.wait(_SECONDS_TO_STOP)


@contextmanager
def serving(lake: Lake, *, with_tls: bool = False) -> Iterator[Serving]:
    """Serve a lake at all doors while the block runs."""
    words = [word for door in _DOORS for word in (f"--{door}", "127.0.0.1:0")]
    command = [sys.executable, "-m", "lakeward.cli", "serve", "--lake", str(lake.root), *words]
    process = subprocess.Popen(
        command if with_tls else [*command, "--insecure-loopback"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    reading: threading.Thread | None = None
    try:
        assert process.stdout is not None
        word, *addresses = process.stdout.readline().split()
        assert word == "ready"
        split = (each.replace("=", ":").split(":") for each in addresses)
        doors = {name: (host, int(port)) for name, host, port in split}
        roots = lake.root / "keys" / CERTIFICATE if with_tls else None
        served = Serving(process=process, doors=doors, roots=roots)
        reading = threading.Thread(target=_keep_log, args=(served,), daemon=True)
        reading.start()
        yield served
    finally:
        process.kill()
        process.wait()
        if reading is not None:
            reading.join(5)
        for each in (process.stdout, process.stderr):
            if each is not None:
                each.close()


def _keep_log(served: Serving) -> None:
    assert served.process.stderr is not None
    for line in served.process.stderr:
        served.log.append(line.rstrip("\n"))


def children(process: int) -> list[int]:
    """The processes that a process has started and that are there."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            found += [int(each) for each in (task / "children").read_text("ascii").split()]
    except OSError:
        pass  # it ended meanwhile
    return found


def vitals_of(process: int) -> Vitals:
    """Measure one process; one that is gone holds nothing."""
    root = Path(f"/proc/{process}")
    try:
        pages = int((root / "statm").read_text("ascii").split()[1])
        files, threads = len(os.listdir(root / "fd")), len(os.listdir(root / "task"))  # noqa: PTH208  no need of paths
    except OSError:
        return Vitals(0.0, 0, 0, 0)
    return Vitals(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), files, threads)
