"""What a check found, rule by rule: names, numbers, lines. Made so that it has no place for a value."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeward.catalog.errors import ExitCode
from lakeward.contracts.errors import ContractNotJudgedError, ContractNotKeptError
from lakeward.contracts.rules import Means, Rule, Severity, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleResult:
    """What became of one rule.

    Attributes:
        id: The rule's id.
        count: Rows, or percent of all rows, that were compared with the bound. None when nothing was counted,
            or when the count is withheld.
        threshold: The bound as text; None for a rule that needs no row.
        withheld: True when the count is below the contract's `kAnonymity`.
    """

    id: str
    kind: str
    column: str | None
    status: Status
    means: Means
    severity: Severity
    line: int
    pointer: str
    count: float | None = None
    threshold: str | None = None
    withheld: bool = False
    reason: str | None = None

    @classmethod
    def of(cls, rule: Rule, status: Status, reason: str | None = None) -> "RuleResult":
        """Make the result of a rule."""
        return cls(
            id=rule.id, kind=rule.kind, column=rule.column, status=status, means=rule.means,
            severity=rule.severity, line=rule.line, pointer="/".join(map(str, rule.pointer)),
            threshold=rule.threshold, reason=reason or rule.reason,
        )  # fmt: skip

    @property
    def blocks(self) -> bool:
        """True when this result alone keeps the contract from holding."""
        return self.severity is Severity.ERROR and self.status in {Status.FAILED, Status.ERROR}

    def as_json(self) -> dict[str, object]:
        """Give the result as plain JSON values."""
        return {
            "id": self.id, "kind": self.kind, "column": self.column, "status": str(self.status),
            "means": str(self.means), "severity": str(self.severity), "count": self.count,
            "threshold": self.threshold, "withheld": self.withheld, "line": self.line,
            "pointer": self.pointer, "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractReport:
    """What a check of one contract against one snapshot found."""

    contract_id: str
    contract_version: str
    path: str
    table: str
    snapshot_id: int | None
    rules: tuple[RuleResult, ...]

    @property
    def success(self) -> bool:
        """True when no rule of severity `error` failed or could not run."""
        return not any(rule.blocks for rule in self.rules)

    @property
    def exit_code(self) -> ExitCode:
        """What a command exits with: a failed rule comes before one that could not run."""
        blocking = {rule.status for rule in self.rules if rule.blocks}
        if Status.FAILED in blocking:
            return ExitCode.CHECK_FAILED
        return ExitCode.UNAVAILABLE if blocking else ExitCode.DONE

    def require(self) -> None:
        """Raise when the contract does not hold.

        Raises:
            ContractNotKeptError: A rule of severity `error` failed.
            ContractNotJudgedError: None failed, and one could not run.
        """
        blocking = Counter(rule.status for rule in self.rules if rule.blocks)
        if blocking[Status.FAILED]:
            raise ContractNotKeptError(self.contract_id, self.table, blocking[Status.FAILED])
        if blocking:
            raise ContractNotJudgedError(self.contract_id, self.table, blocking[Status.ERROR])

    @property
    def totals(self) -> Mapping[str, int]:
        """How many rules have each status, all statuses named."""
        found = Counter(rule.status for rule in self.rules)
        return {str(status): found[status] for status in Status}

    @property
    def coverage(self) -> Mapping[str, int]:
        """How many clauses were executed, proved, and not run."""
        found = Counter(rule.means for rule in self.rules)
        return {str(means): found[means] for means in Means}

    def as_json(self) -> dict[str, Any]:
        """Give the report as plain JSON values."""
        return {
            "contract": {"id": self.contract_id, "version": self.contract_version, "path": self.path},
            "table": self.table, "snapshotId": self.snapshot_id, "success": self.success,
            "totals": dict(self.totals), "coverage": dict(self.coverage),
            "rules": [rule.as_json() for rule in self.rules],
        }  # fmt: skip
