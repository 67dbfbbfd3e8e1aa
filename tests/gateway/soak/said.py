"""What a client was told, and the book that all clients write it into."""

import json
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One statement as its client saw it.

    Attributes:
        door: Where it was asked.
        principal: Who asked.
        kind: What sort of statement it was.
        outcome: What became of it, in one word.
        code: The door's own code of an error.
        tag: A word that only this statement holds, and that the audit chain keeps.
        statement_id: What the door called it.
        rows: How many rows came; None when none did.
        length: Characters of its text.
        began: When it was sent, by the clock of the machine.
        ended: When all was said.
        detail: What a person needs who looks into it.
    """

    door: str
    principal: str
    kind: str = ""
    outcome: str = ""
    code: str = ""
    tag: str = ""
    statement_id: str | None = None
    rows: int | None = None
    length: int = 0
    began: float = 0.0
    ended: float = 0.0
    detail: str = ""


class Book:
    """Everything that was said; safe to write into from several threads."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self._lock = threading.Lock()

    def note(self, said: Said, **changed: Any) -> None:  # noqa: ANN401  fields of `Said`
        """Write one line."""
        with self._lock:
            self.said.append(replace(said, ended=time.time(), **changed))

    def counts(self, *fields: str) -> Counter[tuple[str, ...]]:
        """How often what was said, by fields."""
        return Counter(tuple(str(getattr(each, name)) for name in fields) for each in self.said)

    def wrong(self) -> list[Said]:
        """What must not have been."""
        return [each for each in self.said if each.outcome in {"leak", "wrong"}]

    def lines(self) -> str:
        """The book as lines of JSON."""
        return "\n".join(json.dumps(asdict(each), default=str) for each in self.said)


@dataclass
class Told:
    """What the last statement of a client came to, besides its rows."""

    code: str = ""
    statement_id: str | None = None
    rows: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)
