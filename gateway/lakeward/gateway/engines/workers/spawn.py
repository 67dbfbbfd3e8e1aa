"""The gateway's side of the nursery: it asks for workers, and holds on to each so that it can end it."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

from lakeward.gateway.engines.workers.frames import Channel
from lakeward.gateway.errors import EngineUnavailableError

Kind = Literal["bench", "reader"]

_NURSERY: Final = "lakeward.gateway.engines.workers.nursery"
_SECONDS_TO_START: Final = 60.0
_FILES: Final = {"bench": 256, "reader": 4096}
_SOCKET_BYTES: Final = 1 << 20
_SIZES_OF_THE_MACHINE: Final = ("/proc/self/cgroup", "/sys/fs/cgroup", "/sys/devices/system/cpu/online")
"""What the engine reads when it opens: how much memory and how many processors there are."""

_LIBRARIES: Final = ("/usr", "/lib", "/lib64")


class WorkerNotStartedError(EngineUnavailableError):
    """A worker process could not be started."""

    def __init__(self) -> None:
        super().__init__(
            "a worker process could not be started",
            hint="Look for a limit of processes or memory of this service; then try again.",
        )


@dataclass(kw_only=True, slots=True)
class Worker:
    """A worker process. Whoever leases it talks to it; anybody may kill it."""

    kind: Kind
    pid: int
    channel: Channel
    control: socket.socket
    spill: Path
    handle: int | None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def kill(self) -> None:
        """End the process now, from any thread; whoever waits for it is told that it is gone."""
        with self._lock, suppress(ProcessLookupError, OSError):
            if self.handle is not None:
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
            elif sys.platform != "linux":
                os.kill(self.pid, signal.SIGKILL)

    def is_alive(self) -> bool:
        """Whether an idle worker is still there; where the system cannot say, its next order will tell."""
        if self.handle is None:
            return sys.platform != "linux"
        asked = select.poll()
        asked.register(self.handle, select.POLLIN)
        return not asked.poll(0)

    def discard(self) -> None:
        """End the process and let go of all that it had; for the thread that leases it."""
        self.kill()
        with self._lock:
            if self.handle is not None:
                os.close(self.handle)
                self.handle = None
        self.channel.close()
        self.control.close()
        shutil.rmtree(self.spill, ignore_errors=True)


class Nursery:
    """Starts workers; safe to use from several threads.

    Args:
        spill: Where each worker gets a folder of its own to write to.
        warehouse: What readers may read; benches may read nothing.
        process_bytes: Address space of one worker.
        spill_bytes: The largest file that a worker may write.
    """

    def __init__(self, *, spill: Path, warehouse: Path, process_bytes: int, spill_bytes: int) -> None:
        self._spill = spill
        self._limits = {"memory": process_bytes, "file_size": spill_bytes}
        libraries = (*_LIBRARIES, *_python_folders())
        self._readable = {
            "bench": [*_SIZES_OF_THE_MACHINE],
            "reader": [*_SIZES_OF_THE_MACHINE, *libraries, str(warehouse)],
        }
        self._home = Path(tempfile.mkdtemp(prefix="lakeward-nursery-"))
        self._lock = threading.Lock()
        self._count = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def start(self, kind: Kind) -> Worker:
        """Fork a worker.

        Raises:
            WorkerNotStartedError: It did not start.
        """
        ours, theirs = socket.socketpair()
        control, their_control = socket.socketpair()
        for each in (ours, theirs):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BYTES)
        try:
            with self._lock:
                self._count += 1
                spill = self._spill / f"{kind}-{os.getpid()}-{self._count}"
                spill.mkdir(mode=0o700, parents=True, exist_ok=True)
                pid = self._fork(kind, spill, [theirs.fileno(), their_control.fileno()])
                handle = os.pidfd_open(pid) if sys.platform == "linux" else None
        except (OSError, ValueError):
            for each in (ours, control):
                each.close()
            raise WorkerNotStartedError from None
        finally:
            theirs.close()
            their_control.close()
        return Worker(kind=kind, pid=pid, channel=Channel(ours), control=control, spill=spill, handle=handle)

    def _fork(self, kind: Kind, spill: Path, fds: list[int]) -> int:
        order = {
            "kind": kind,
            "files": _FILES[kind],
            "readable": self._readable[kind],
            "writable": [str(spill)],
            **self._limits,
        }
        for is_last in (False, True):
            requests = self._alive()
            try:
                socket.send_fds(requests, [json.dumps(order).encode()], fds)
                return int(json.loads(requests.recv(1 << 12) or b"{}")["pid"])
            except (OSError, KeyError):
                self._stop()
                if is_last:
                    raise OSError from None
        raise AssertionError

    def _alive(self) -> socket.socket:
        if self._requests is not None:
            return self._requests
        ours, theirs = socket.socketpair()
        ours.settimeout(_SECONDS_TO_START)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-I", "-m", _NURSERY, str(theirs.fileno())],
                env={},
                cwd=self._home,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # an engine that aborts may print a cell
                start_new_session=True,
            )
        self._requests = ours
        return ours

    def _stop(self) -> None:
        if self._requests is not None:
            self._requests.close()
            self._requests = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        """End the nursery, and with it every worker that is left."""
        with self._lock:
            self._stop()
        shutil.rmtree(self._home, ignore_errors=True)


def _python_folders() -> set[str]:
    """Return where Python and its packages lie, the engine's extensions among them.

    Not `sys.path`: that may hold the folder in which the gateway was started, which may be the lake's.
    """
    installed = {sysconfig.get_path(each) for each in ("stdlib", "platstdlib", "purelib", "platlib")}
    extensions = {str(Path(str(files(f"duckdb_extension_{each}"))).parent) for each in ("avro", "iceberg")}
    return installed | extensions
