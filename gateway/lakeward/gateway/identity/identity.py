"""Who has come in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Method = Literal["password", "token", "jwt", "certificate"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A principal who has proven who they are.

    Attributes:
        principal: The name that policies know.
        groups: What the proof itself says of groups; `lakeward.toml` adds its own.
        method: How it was proven.
        expires: When the proof ends (aware, UTC); None when it has no end of its own.
        credential: Which one it was, so that its revocation can be noticed; holds no secret.
    """

    principal: str
    groups: frozenset[str]
    method: Method
    expires: datetime | None
    credential: str = field(default="", repr=False)
