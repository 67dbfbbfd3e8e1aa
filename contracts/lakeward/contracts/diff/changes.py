"""What a difference between two contracts is, and how it is graded."""

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lakeward.catalog.errors import ExitCode
from lakeward.contracts.errors import BreakingContractError, PrivacyBreakingContractError

T = TypeVar("T")


class Data(enum.IntEnum):
    """What a difference does to those who read the data."""

    NONE = 0
    COMPATIBLE = 1
    BREAKING = 2


class Privacy(enum.IntEnum):
    """What a difference does to those whom the data is about."""

    NONE = 0
    TIGHTENING = 1
    BREAKING = 2


_PRIVACY = {
    Privacy.NONE: "none",
    Privacy.TIGHTENING: "privacy-tightening",
    Privacy.BREAKING: "privacy-breaking",
}


@dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    """The same thing in the old and in the new version."""

    old: T
    new: T

    def map(self, read: Callable[[T], Any]) -> "Pair[Any]":
        """Read the same of both."""
        return Pair(read(self.old), read(self.new))

    @property
    def changed(self) -> bool:
        """True when the two are not equal."""
        return bool(self.old != self.new)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One difference: `what` names the node (`mrn.mask`), `why` what was graded; neither holds a value."""

    what: str
    why: str
    line: int
    data: Data = Data.NONE
    privacy: Privacy = Privacy.NONE

    def as_json(self) -> dict[str, object]:
        """Give the change as plain JSON values."""
        return {
            "what": self.what, "why": self.why, "line": self.line,
            "data": self.data.name.lower(), "privacy": _PRIVACY[self.privacy],
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractDiff:
    """All differences, and the worst of them.

    `approvers` are the old contract's; less privacy needs their consent.
    """

    old_version: str
    new_version: str
    path: str
    changes: tuple[Change, ...]
    approvers: tuple[str, ...]

    @property
    def data(self) -> Data:
        """The worst that a reader of the data meets."""
        return max((change.data for change in self.changes), default=Data.NONE)

    @property
    def privacy(self) -> Privacy:
        """The worst for those whom the data is about."""
        return max((change.privacy for change in self.changes), default=Privacy.NONE)

    @property
    def exit_code(self) -> ExitCode:
        """What a command exits with: less privacy comes before a broken reader."""
        if self.privacy is Privacy.BREAKING:
            return ExitCode.PRIVACY_BREAKING
        return ExitCode.BREAKING if self.data is Data.BREAKING else ExitCode.DONE

    def require(self) -> None:
        """Raise when the new version breaks something.

        Raises:
            PrivacyBreakingContractError: Somebody may see more than before.
            BreakingContractError: Those who read the data lose something.
        """
        if self.privacy is Privacy.BREAKING:
            count = sum(change.privacy is Privacy.BREAKING for change in self.changes)
            raise PrivacyBreakingContractError(count, self.approvers)
        if self.data is Data.BREAKING:
            raise BreakingContractError(sum(change.data is Data.BREAKING for change in self.changes))

    def as_json(self) -> dict[str, object]:
        """Give the diff as plain JSON values."""
        return {
            "from": self.old_version, "to": self.new_version, "path": self.path,
            "data": self.data.name.lower(), "privacy": _PRIVACY[self.privacy],
            "approvers": list(self.approvers), "changes": [change.as_json() for change in self.changes],
        }  # fmt: skip


def privacy_word(grade: Privacy) -> str:
    """Give the word of a privacy grade: `none`, `privacy-tightening`, `privacy-breaking`."""
    return _PRIVACY[grade]


def match(old: Iterable[T], new: Iterable[T], key: Callable[[T], object]) -> Iterator[Pair[T | None]]:
    """Put what bears the same key side by side; what stands alone has None on the other side."""
    before, after = {key(each): each for each in old}, {key(each): each for each in new}
    for name in [*before, *(name for name in after if name not in before)]:
        yield Pair(before.get(name), after.get(name))
