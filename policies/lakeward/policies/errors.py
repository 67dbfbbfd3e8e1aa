"""Errors of policy documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lakeward.catalog.errors import CheckFailedError, InputError, PrivacyBreakingChangeError


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """A place in a policy document; lines and columns count from 1."""

    file: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


_MOST_CHARACTERS = 1_000
MOST_FAULTS = 20
"""Faults that an error tells of; the rest are counted."""


class PolicyError(InputError):
    """A policy document is not valid.

    Attributes:
        faults: The first faults, each with its place.
        more: How many there are beside them.
    """

    code = "invalid-policy"

    def __init__(
        self, faults: Iterable[tuple[Place, str]], hint: str | None = None, *, more: int = 0
    ) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault[0]))
        self.more = more
        lines = [f"{place}: {_capped(text)}" for place, text in self.faults[:MOST_FAULTS]]
        if untold := more + len(self.faults) - len(lines):
            lines.append(f"and {untold:,} more faults: mend these first, and check again")
        super().__init__(
            "\n".join(lines),
            hint=hint or "The form is in docs/reference/policies.md; check with `lakeward policy check`.",
        )


def _capped(text: str) -> str:
    """Cut what quotes a name as long as a file."""
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}... (cut)"


class UnknownColumnError(InputError):
    """A table has no such column."""

    code = "unknown-column"

    def __init__(self, table: str, nearest: Iterable[str]) -> None:
        near = " or ".join(f"`{each}`" for each in nearest)
        super().__init__(
            f"{table} has no such column." + (f" Did you mean {near}?" if near else ""),
            hint=f"See its columns with `lakeward table show {table}`.",
        )


class PolicyCheckFailedError(CheckFailedError):
    """Documents are valid, and say something that cannot have been meant."""

    code = "policy-check-failed"

    def __init__(self, errors: int) -> None:
        super().__init__(
            f"The policies hold {errors} error{'' if errors == 1 else 's'}.",
            hint="Each finding names its file, line and column.",
        )


class PolicyTestFailedError(CheckFailedError):
    """A case of a policy test did not hold."""

    code = "policy-test-failed"

    def __init__(self, failed: int, cases: int) -> None:
        super().__init__(
            f"{failed} of {cases} cases failed.",
            hint="`lakeward policy explain PRINCIPAL TABLE --purpose P` says why somebody sees what they do.",
        )


class AccessGainedError(PrivacyBreakingChangeError):
    """Under new documents somebody sees or may do more."""

    code = "access-gained"

    def __init__(self, columns: int, rights: int) -> None:
        counts = {"column": columns, "right": rights}
        told = " and ".join(f"{n} {what}{'' if n == 1 else 's'}" for what, n in counts.items() if n)
        super().__init__(
            f"Somebody would see or may do more: {told}, counted for each principal and purpose.",
            hint="Review the rows that say `gains`; there is nothing to mend if they are meant.",
        )


class TooManyGroupsError(InputError):
    """Restrictions tell so many groups apart that not every set of them can be asked for."""

    code = "too-many-groups"

    def __init__(self, table: str, most: int) -> None:
        super().__init__(
            f"Restrictions about {table} tell members of groups apart in more than {most:,} ways: what "
            "somebody in several groups sees is not all worked out.",
            hint="Let several restrictions name or except one role in common, instead of a role each.",
        )
