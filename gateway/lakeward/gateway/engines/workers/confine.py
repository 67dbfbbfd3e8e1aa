"""What a worker gives up before it opens an engine; none of it can be had back.

On Linux Landlock takes away every file but those it is granted, and the network; elsewhere the engine's own
lock and the limits of the process remain.
"""

import ctypes
import os
import resource
import signal
import stat
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_OF_A_FILE = _EXECUTE | _READ_FILE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_ALL_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_NEWEST_FILES = (1 << 16) - 1
_NETWORK, _SCOPED = 0b11, 0b11
_NETWORK_SINCE, _SCOPED_SINCE = 4, 6


def close_other_files(keep: Iterable[int]) -> None:
    """Close every open file of the process but these; the standard ones lead nowhere."""
    kept = sorted({0, 1, 2, *keep})
    for low, high in zip(kept, [*kept[1:], 1 << 16], strict=True):
        os.closerange(low + 1, high)


def limit_process(*, memory: int, files: int, file_size: int) -> None:
    """Set limits of bytes of address space, open files and bytes of one written file; no core is dumped."""
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_NOFILE: files,
        resource.RLIMIT_FSIZE: file_size,
    }
    for name, value in wanted.items():
        hard = resource.getrlimit(name)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (most, most))


def bind_to_parent(parent: int) -> None:
    """Die with the parent; gain no privilege; show no memory to others of the same user."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def shut_off_files(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Take away every file but these folders, and the network; return the version of Landlock, 0 without."""
    if sys.platform != "linux":
        return 0
    library = ctypes.CDLL(None, use_errno=True)
    version = int(library.syscall(_CREATE_RULESET, None, 0, 1))
    if version < 1:
        return 0
    every = _ALL_FILES.get(version, _NEWEST_FILES)
    rules = _ruleset(library, version, every)
    if rules < 0:
        return 0
    for path in readable:
        _allow(library, rules, path, _READ)
    for path in writable:
        _allow(library, rules, path, every & ~_EXECUTE)
    restricted = library.syscall(_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return version if restricted else 0


def _ruleset(library: ctypes.CDLL, version: int, every: int) -> int:
    attributes = struct.pack("=Q", every)
    if version >= _NETWORK_SINCE:
        attributes += struct.pack("=Q", _NETWORK)
    if version >= _SCOPED_SINCE:
        attributes += struct.pack("=Q", _SCOPED)
    return int(library.syscall(_CREATE_RULESET, attributes, len(attributes), 0))


def _allow(library: ctypes.CDLL, rules: int, path: str, access: int) -> None:
    with suppress(OSError):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        access &= -1 if stat.S_ISDIR(os.fstat(place).st_mode) else _OF_A_FILE
        try:
            library.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", access, place), 0)
        finally:
            os.close(place)
