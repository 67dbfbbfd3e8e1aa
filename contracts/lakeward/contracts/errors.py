"""Errors of this room: a contract that cannot be read, is not valid, or does not speak of the table.

A text holds names, lines and what the standard allows; never a value of the contract or of the data.
"""

from lakeward.catalog.errors import (
    BreakingChangeError,
    CheckFailedError,
    InputError,
    PrivacyBreakingChangeError,
    UnavailableError,
)


class ContractError(InputError):
    """A contract file is at fault.

    Attributes:
        path: The file.
        line: 1-based, or None when the whole file is meant.
        column: 1-based, or None.
    """

    code = "contract"

    def __init__(
        self,
        path: str,
        problem: str,
        *,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {problem}", hint=hint)
        self.path = path
        self.line = line
        self.column = column


class UnreadableContractError(ContractError):
    """The file is missing, too large, or not the YAML that a contract may be written in."""

    code = "contract-unreadable"


class InvalidContractError(ContractError):
    """The official schema of the file's own apiVersion rejects it."""

    code = "contract-invalid"

    def __init__(self, path: str, problem: str, *, line: int, column: int, faults: int) -> None:
        super().__init__(
            path,
            f"{problem} ({faults} fault{'' if faults == 1 else 's'} in this contract)",
            line=line,
            column=column,
            hint=f"See all of them with `lakeward contract lint {path}`.",
        )


class ContractTableError(ContractError):
    """The contract describes several tables, and none of them is the one to check."""

    code = "contract-other-table"

    def __init__(self, path: str, table: str, described: list[str]) -> None:
        super().__init__(
            path,
            f"No schema object is called {table!r}; the contract has: {', '.join(described) or 'none'}.",
            hint="Give the schema object the table's full name as its physicalName.",
        )


class MetricsUnavailableError(UnavailableError):
    """The engine could not count: not even the rows."""

    code = "metrics-unavailable"

    def __init__(self, table: str) -> None:
        super().__init__(
            f"The rows of {table} could not be counted.",
            hint="Run `lakeward doctor`; then check the contract again.",
        )


class ContractExistsError(InputError):
    """A contract is to be written where a file stands already."""

    code = "contract-exists"

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is there already; nothing was written.", hint="Name another file with --output."
        )


class ContractNotWrittenError(UnavailableError):
    """A report or a contract cannot be written to its place."""

    code = "contract-not-written"

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} cannot be written.", hint="Check the folder's rights and the disk.")


class LintFailedError(CheckFailedError):
    """Files are not valid by the official schema of their own version."""

    code = "contract-lint-failed"

    def __init__(self, faults: int, advice: str | None = None) -> None:
        super().__init__(
            f"{faults} fault{'' if faults == 1 else 's'} found.",
            hint=advice or "Mend each at its line; lint again.",
        )


class ContractNotKeptError(CheckFailedError):
    """Rules of a contract failed."""

    code = "contract-failed"

    def __init__(self, contract: str, table: str, failed: int) -> None:
        super().__init__(
            f"{table} does not keep {contract}: {failed} rule{'' if failed == 1 else 's'} failed.",
            hint="Mend the rows or the tags that the failed rules name, or agree on another contract.",
        )


class ContractNotJudgedError(UnavailableError):
    """No rule failed, but rules could not run: that is no pass."""

    code = "contract-not-judged"

    def __init__(self, contract: str, table: str, errors: int) -> None:
        super().__init__(
            f"{contract} is not judged on {table}: {errors} rule{'' if errors == 1 else 's'} could not run.",
            hint="The reason stands beside each rule; mend the clause at its line.",
        )


class BreakingContractError(BreakingChangeError):
    """The new version takes something from those who read the data."""

    code = "contract-breaking"

    def __init__(self, changes: int) -> None:
        super().__init__(
            f"{changes} change{' breaks' if changes == 1 else 's break'} those who read the data.",
            hint="Give the contract a new major version, and tell its readers first.",
        )


class PrivacyBreakingContractError(PrivacyBreakingChangeError):
    """After the new version somebody may see more than before."""

    code = "contract-privacy-breaking"

    def __init__(self, changes: int, approvers: tuple[str, ...]) -> None:
        names = ", ".join(approvers) or "nobody: the old contract names no firstLevelApprovers"
        super().__init__(
            f"After {changes} change{'' if changes == 1 else 's'} somebody may see more than before.",
            hint=f"This needs the consent of the contract's approvers ({names}).",
        )
