"""The lake's secret: one master key in a file that only its owner can read, and keys derived from it."""

import hashlib
import hmac
import os
import re
import secrets
import stat
from pathlib import Path

from lakeward.catalog.errors import UnavailableError

MASTER = "master.key"
_KEY = re.compile(r"[0-9a-f]{64}\Z")


class MissingKeyError(UnavailableError):
    """There is no key where one should be."""

    code = "missing-key"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The lake's key {path} is not there.",
            hint="Restore it from a backup. Without it tags cannot be verified and pseudonyms cannot be "
            "repeated; "
            "a new key is no replacement.",
        )


class UnsafeKeyError(UnavailableError):
    """A key that others can read."""

    code = "unsafe-key"

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(
            f"The lake's key {path} has mode {mode:04o}; only its owner may read it.",
            hint=f"Run `chmod 600 {path}`, and think about who could have read it.",
        )


class DamagedKeyError(UnavailableError):
    """A key file that holds no key."""

    code = "damaged-key"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The lake's key {path} is damaged or cannot be read: it should hold 64 hexadecimal digits.",
            hint="Restore it from a backup.",
        )


class KeyRing:
    """Keys by purpose, derived from the master key; the master key itself is never given out."""

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._derived: dict[str, bytes] = {}

    def __repr__(self) -> str:
        return "KeyRing(…)"  # a key never shows in a traceback or a log

    def derive(self, purpose: str) -> bytes:
        """Give the 32-byte key of one purpose: `tags`, `audit`, `pseudonym:<study>`, ..."""
        key = self._derived.get(purpose)
        if key is None:
            label = f"lakeward/v1/{purpose}".encode()
            key = self._derived[purpose] = hmac.digest(self._master, label, hashlib.sha256)
        return key


def create_keys(folder: Path) -> None:
    """Make the folder of keys and a new master key, readable by their owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / MASTER, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(descriptor)


def open_keys(folder: Path) -> KeyRing:
    """Open the key ring.

    Raises:
        MissingKeyError: The master key is not there.
        UnsafeKeyError: Somebody else than its owner may read or write it.
        DamagedKeyError: It cannot be read, or holds no key.
    """
    path = folder / MASTER
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o177:
            raise UnsafeKeyError(path, mode)
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise MissingKeyError(path) from None
    except (OSError, UnicodeDecodeError):
        raise DamagedKeyError(path) from None
    if not _KEY.match(text):
        raise DamagedKeyError(path)
    return KeyRing(bytes.fromhex(text))
