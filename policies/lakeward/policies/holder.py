"""The policies in force: read again when the files change, kept when what is written does not hold up."""

import threading
import time
from pathlib import Path

from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.decide import CompiledPolicies, compile_policies
from lakeward.policies.errors import PolicyError
from lakeward.policies.load import load_policies

_SECONDS_BETWEEN_LOOKS = 0.2
Stamp = tuple[tuple[str, int, int], ...]


class PolicyHolder:
    """Holds the compiled documents of one directory; safe to ask from several threads.

    A document that is broken while serving changes nothing: the last good set stays in force, and `fault`
    says what is wrong. A broken document at the start is raised: there is no last good set.
    """

    def __init__(self, directory: Path, taxonomy: Taxonomy) -> None:
        self._directory, self._taxonomy = directory, taxonomy
        self._lock = threading.Lock()
        self._stamp = self._look()
        self._looked = time.monotonic()
        self._current = compile_policies(load_policies(directory, taxonomy), taxonomy)
        self.fault: PolicyError | None = None

    def current(self) -> CompiledPolicies:
        """Return the policies in force, having looked for a change of the files."""
        now = time.monotonic()
        if now - self._looked < _SECONDS_BETWEEN_LOOKS:
            return self._current
        with self._lock:
            self._looked = now
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                self._reload()
        return self._current

    def _reload(self) -> None:
        try:
            self._current = compile_policies(load_policies(self._directory, self._taxonomy), self._taxonomy)
            self.fault = None
        except PolicyError as error:
            self.fault = error

    def _look(self) -> Stamp:
        files = sorted(each for each in self._directory.glob("*.y*ml"))
        return tuple((each.name, each.stat().st_mtime_ns, each.stat().st_size) for each in files)
