"""The file beside the store that notes where the audit chain ends."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MOST_BYTES = 1000


class ChainHead:
    """The number and hash of the chain's last record, noted after each commit; of two ends the later stands.

    It is written in place, under a lock: one write of less than a sector is there or is not, and costs a
    twentieth of a new file. Where power fails before the system has written it, it is behind the chain, which
    it may be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, seq: int, digest: str) -> None:
        """Note an end, unless a later one is noted.

        Raises:
            OSError: The file cannot be written.
        """
        with self._locked(os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX) as descriptor:
            text = os.pread(descriptor, _MOST_BYTES, 0)
            before = _parsed(text)
            if before is not None and before[0] > seq:
                return
            fresh = json.dumps([seq, digest], separators=(",", ":")).encode("ascii")
            os.pwrite(descriptor, fresh, 0)
            if len(text) > len(fresh):
                os.ftruncate(descriptor, len(fresh))

    def read(self) -> tuple[int, str] | None:
        """Return the end that is noted; None where the file is missing or damaged."""
        try:
            with self._locked(os.O_RDONLY, fcntl.LOCK_SH) as descriptor:
                return _parsed(os.pread(descriptor, _MOST_BYTES, 0))
        except OSError:
            return None

    @contextmanager
    def _locked(self, flags: int, lock: int) -> Iterator[int]:
        descriptor = os.open(self.path, flags | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, lock)
            yield descriptor
        finally:
            os.close(descriptor)


def _parsed(text: bytes) -> tuple[int, str] | None:
    try:
        seq, digest = json.loads(text)
        return int(seq), str(digest)
    except (ValueError, TypeError):
        return None
