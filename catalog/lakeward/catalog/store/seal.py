"""Seals of the store's rows: who can write to the database, but has no key of the lake, can make none."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals rows of one kind.

    Attributes:
        key: Of this kind alone.
        names: The columns that it is over; what else a row has may be changed.
    """

    key: bytes
    names: tuple[str, ...]

    def of(self, row: Mapping[str, Any]) -> str:
        """Return the seal of a row: HMAC-SHA-256, 64 hex digits."""
        text = json.dumps([row[name] for name in self.names], ensure_ascii=True)
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def is_on(self, row: Mapping[str, Any]) -> bool:
        """Whether the row's own `seal` is the one that it should have."""
        return hmac.compare_digest(str(row["seal"]).encode(), self.of(row).encode())
