"""Names that nobody guesses, for what a client may come back to: bounded in number and in time."""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Handles(Generic[T]):
    """Keeps things under random handles, each for its owner alone; safe to use from several threads.

    An owner who has too many loses the oldest, so that nobody can push out what is another's.
    """

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._kept: OrderedDict[bytes, tuple[float, Hashable, T]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, owner: Hashable, thing: T) -> bytes:
        """Keep a thing; return its handle."""
        handle = secrets.token_urlsafe(32).encode("ascii")
        with self._lock:
            self._forget_expired()
            own = [key for key, (_, other, _) in self._kept.items() if other == owner]
            if len(own) >= self._most:
                del self._kept[own[0]]
            self._kept[_key(handle)] = (self._clock() + self._seconds, owner, thing)
        return handle

    def find(self, handle: bytes) -> tuple[Hashable, T] | None:
        """Give what stands under a handle, with its owner."""
        with self._lock:
            self._forget_expired()
            found = self._kept.get(_key(handle))
        return found and (found[1], found[2])

    def of(self, owner: Hashable, handle: bytes) -> T | None:
        """Give what stands under a handle, to its owner."""
        found = self.find(handle)
        return found[1] if found is not None and found[0] == owner else None

    def take(self, owner: Hashable, handle: bytes) -> T | None:
        """Give what stands under a handle to its owner, once."""
        with self._lock:
            self._forget_expired()
            found = self._kept.get(_key(handle))
            if found is None or found[1] != owner:
                return None
            del self._kept[_key(handle)]
        return found[2]

    def _forget_expired(self) -> None:
        """Drop what is too old; all live equally long, so that the oldest comes first."""
        now = self._clock()
        while self._kept and next(iter(self._kept.values()))[0] <= now:
            self._kept.popitem(last=False)


def _key(handle: bytes) -> bytes:
    """Look handles up by a digest: how long a look-up takes tells nothing of a handle that is near."""
    return hashlib.sha256(handle).digest()
