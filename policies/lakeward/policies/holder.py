"""The policies in force: read again when the files change, kept when what is written does not hold up."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.decide import CompiledPolicies, compile_policies
from lakeward.policies.errors import PolicyError
from lakeward.policies.load import load_policies, policy_files

_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_OF_QUIET = 0.1
_MOST_SECONDS_TO_WAIT = 5.0
Stamp = tuple[tuple[str, int, int, int, int], ...]


class PolicyHolder:
    """Holds the compiled documents of one directory; safe to ask from several threads.

    A document that is broken while serving changes nothing: the last good set stays in force, `fault` says
    what is wrong, and `refused` is told it once. A broken document at the start is raised: there is no last
    good set.

    Documents count together, and between the writing of two files their set may be one that nobody meant:
    the new grants without the new restrictions. So a change is taken up when the files have been quiet for a
    moment, and only if they are still the same after they were read.
    """

    def __init__(
        self,
        directory: Path,
        taxonomy: Taxonomy,
        refused: Callable[[PolicyError], object] = lambda _fault: None,
    ) -> None:
        self._directory, self._taxonomy, self._refused = directory, taxonomy, refused
        self._lock = threading.Lock()
        self._stamp = self._look()
        self._looked = self._first_seen = time.monotonic()
        self._seen = self._stamp
        self._current = compile_policies(load_policies(directory, taxonomy), taxonomy)
        self.fault: PolicyError | None = None

    def current(self) -> CompiledPolicies:
        """Return the policies in force, having looked for a change of the files."""
        if time.monotonic() - self._looked < _SECONDS_BETWEEN_LOOKS:
            return self._current
        with self._lock:
            self._looked = time.monotonic()
            stamp = self._look()
            if stamp is not None and stamp != self._stamp and self._is_settled(stamp):
                self._reload(stamp)
        return self._current

    def _is_settled(self, stamp: Stamp) -> bool:
        """Whether the files have been quiet; a clock that runs ahead must not put a change off for ever."""
        now = time.monotonic()
        if stamp != self._seen:
            self._seen, self._first_seen = stamp, now
        newest = max((changed for *_, changed in stamp), default=0)
        age = time.time() - newest / 1e9
        return age >= _SECONDS_OF_QUIET or now - self._first_seen >= _MOST_SECONDS_TO_WAIT

    def _reload(self, stamp: Stamp) -> None:
        """Take up the files; when they changed while they were read, the next look tries again."""
        try:
            policies = load_policies(self._directory, self._taxonomy)
        except PolicyError as error:
            if self._look() == stamp:
                self._stamp, self.fault = stamp, error
                self._refused(error)
            return
        if self._look() == stamp:
            self._current = compile_policies(policies, self._taxonomy)
            self._stamp, self.fault = stamp, None

    def _look(self) -> Stamp | None:
        """Return what changes when a file does, or when one comes or goes; None when one goes just now."""
        try:
            folder = self._directory.stat() if self._directory.exists() else None
            files = [(each.name, each.stat()) for each in policy_files(self._directory)]
        except OSError:
            return None
        stamps = [
            (name, each.st_ino, each.st_size, each.st_mtime_ns, each.st_ctime_ns) for name, each in files
        ]
        if folder:
            stamps.append(("", folder.st_ino, 0, folder.st_mtime_ns, folder.st_ctime_ns))
        return tuple(stamps)
