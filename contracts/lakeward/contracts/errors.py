"""Errors of this room: a contract that cannot be read, is not valid, or does not speak of the table.

A text holds names, lines and what the standard allows; never a value of the contract or of the data.
"""

from lakeward.catalog.errors import InputError, UnavailableError


class ContractError(InputError):
    """A contract file is at fault.

    Attributes:
        path: The file.
        line: 1-based, or None when the whole file is meant.
        column: 1-based, or None.
    """

    code = "contract-invalid"

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
