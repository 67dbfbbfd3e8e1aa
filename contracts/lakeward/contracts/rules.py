"""The words of a check: what a rule is, when it holds, how severe it is, and how it was settled.

Every clause of a contract becomes a `Rule`. One that needs the rows carries the name of its count in the
metrics row; one that needs no row is settled when the contract is compiled. So a clause that cannot be
enforced is still a rule, is still listed, and is never a pass.
"""

import enum
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lakeward.contracts.source import Pointer

if TYPE_CHECKING:  # its import takes longer than a whole lint, which only names severities
    from sqlglot import exp


class Status(enum.StrEnum):
    """What became of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # it should have run and could not
    NOT_ENFORCED = "not_enforced"  # lakeward does not run clauses of this kind, or not here


class Means(enum.StrEnum):
    """How a rule was settled."""

    EXECUTED = "executed"  # counted over the rows of the snapshot
    PROVED = "proved"  # read off the table's metadata
    NOT_RUN = "not_run"


class Severity(enum.StrEnum):
    """Whether a failed rule fails the contract."""

    ERROR = "error"
    WARNING = "warning"

    @classmethod
    def of(cls, text: object) -> "Severity":
        """Read ODCS's free word; only a word known to be mild is a warning."""
        mild = {"info", "information", "warning", "warn", "low", "minor"}
        return cls.WARNING if isinstance(text, str) and text.lower() in mild else cls.ERROR


class Unit(enum.StrEnum):
    """What a bound counts in."""

    ROWS = "rows"
    PERCENT = "percent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """The numbers for which a rule holds: an interval, or all that lie outside it (`outside`)."""

    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    outside: bool = False

    def holds(self, value: float) -> bool:
        """Say whether the value satisfies the bound; NaN never does."""
        if math.isnan(value):
            return False
        above = self.low is None or (value > self.low if self.open_low else value >= self.low)
        below = self.high is None or (value < self.high if self.open_high else value <= self.high)
        return (above and below) is not self.outside

    def __str__(self) -> str:
        low = "" if self.low is None else f"{'>' if self.open_low else '>='} {_plain(self.low)}"
        high = "" if self.high is None else f"{'<' if self.open_high else '<='} {_plain(self.high)}"
        text = " and ".join(filter(None, (low, high)))
        if self.low is not None and self.low == self.high:
            text = f"= {_plain(self.low)}"
        return f"not ({text})" if self.outside else text


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


NONE_BAD = Bound(low=0, high=0)


def bound_of(raw: Mapping[str, Any]) -> Bound | None:
    """Read ODCS's operator (`mustBe`, `mustBeLessThan`, …); None when there is none that compares numbers."""
    for key, make in _OPERATORS.items():
        if key in raw:
            numbers = raw[key] if isinstance(raw[key], list) else [raw[key]]
            return make(numbers) if all(map(_is_number, numbers)) else None
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _exactly(numbers: list[float]) -> Bound | None:
    return Bound(low=numbers[0], high=numbers[0]) if len(numbers) == 1 else None


def _between(numbers: list[float]) -> Bound | None:
    match numbers:
        case [low, high] if low <= high:
            return Bound(low=low, high=high)
        case _:
            return None


def _outside(make: Callable[[list[float]], Bound | None]) -> Callable[[list[float]], Bound | None]:
    def inverted(numbers: list[float]) -> Bound | None:
        inside = make(numbers)
        return replace(inside, outside=True) if inside else None

    return inverted


_OPERATORS: Mapping[str, Callable[[list[float]], Bound | None]] = {
    "mustBe": _exactly,
    "mustNotBe": _outside(_exactly),
    "mustBeGreaterThan": lambda n: Bound(low=n[0], open_low=True),
    "mustBeGreaterOrEqualTo": lambda n: Bound(low=n[0]),
    "mustBeLessThan": lambda n: Bound(high=n[0], open_high=True),
    "mustBeLessOrEqualTo": lambda n: Bound(high=n[0]),
    "mustBeBetween": _between,
    "mustNotBeBetween": _outside(_between),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One clause of a contract, ready to be judged.

    Attributes:
        id: Unique in the contract: `mrn.required`, `observations.rows`.
        kind: What it is about: `required`, `maximum`, `sql`, `icebergFieldId`, …
        column: The column, with nested fields by dots; None for the whole table.
        pointer: Where the clause stands in the file.
        line: The same as a line.
        measure: The aggregate that counts, over the table `t`; None when the rule needs no row.
        alias: The name of its count in the metrics row; empty when it needs no row.
        bound: The counts (or percents of all rows) for which it holds.
        settled: What it is without a count; ERROR until a count says otherwise.
        reason: Why, in names and numbers only.
    """

    id: str
    kind: str
    pointer: Pointer
    column: str | None = None
    severity: Severity = Severity.ERROR
    line: int = 0
    measure: "exp.Expr | None" = None
    alias: str = ""
    bound: Bound = NONE_BAD
    unit: Unit = Unit.ROWS
    settled: Status = Status.ERROR
    reason: str | None = None

    @property
    def threshold(self) -> str | None:
        """The bound as text; None for a rule that needs no row."""
        if self.measure is None:
            return None
        return f"{self.bound}{' %' if self.unit is Unit.PERCENT else ''}"

    def counted(self, measure: "exp.Expr", bound: Bound = NONE_BAD, unit: Unit = Unit.ROWS) -> "Rule":
        """Give the rule with the aggregate that counts for it."""
        return replace(self, measure=measure, bound=bound, unit=unit)

    def settle(self, status: Status, reason: str | None = None) -> "Rule":
        """Give the rule as it is without a count."""
        return replace(self, settled=status, reason=reason, measure=None)

    @property
    def means(self) -> Means:
        """How the rule is settled."""
        if self.measure is not None:
            return Means.EXECUTED
        return Means.PROVED if self.settled in {Status.PASSED, Status.FAILED} else Means.NOT_RUN
