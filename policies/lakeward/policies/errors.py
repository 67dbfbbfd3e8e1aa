"""Errors of policy documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lakeward.catalog.errors import InputError


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """A place in a policy document; lines and columns count from 1."""

    file: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class PolicyError(InputError):
    """A policy document is not valid.

    Attributes:
        faults: Every fault found, each with its place.
    """

    code = "invalid-policy"

    def __init__(self, faults: Iterable[tuple[Place, str]], hint: str | None = None) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault[0]))
        lines = [f"{place}: {text}" for place, text in self.faults]
        super().__init__(
            "\n".join(lines),
            hint=hint or "The form is in docs/reference/policies.md; check with `lakeward policy check`.",
        )
