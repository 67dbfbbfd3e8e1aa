"""What can go wrong with lineage."""

from collections.abc import Iterable
from pathlib import Path

from lakeward.catalog.errors import CheckFailedError, InputError, UnavailableError


class NoLineageError(InputError):
    """A statement of a kind that has no lineage."""

    code = "no-lineage"

    def __init__(self) -> None:
        super().__init__(
            "Lineage is known of a query, CREATE TABLE AS and INSERT from a query, not of this statement.",
            hint="Give the query whose result is written.",
        )


class TransportError(UnavailableError):
    """The file that events go to cannot be written."""

    code = "lineage-file"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Lineage events cannot be written to {path}; they are kept in the store.",
            hint="Mend the path, then write them with `lakeward lineage export`.",
        )


class UnknownDatasetError(InputError):
    """No run has read or written this."""

    code = "unknown-dataset"

    def __init__(self) -> None:
        super().__init__(
            "No recorded run has read or written a dataset of this name.",
            hint="Give `namespace.table`, maybe with `.column`, or the path of a raw file as it was read.",
        )


class UndeclaredColumnError(InputError):
    """A declaration of lineage speaks of columns that were not produced."""

    code = "undeclared-column"

    def __init__(self, columns: Iterable[str]) -> None:
        super().__init__(
            f"Lineage is declared of columns that the step did not produce: {', '.join(sorted(columns))}.",
            hint="Name the columns as the produced schema does.",
        )


class UndeclaredInputError(InputError):
    """A declaration of lineage names a source that the step did not declare as input."""

    code = "undeclared-input"

    def __init__(self, valid: Iterable[str]) -> None:
        super().__init__(
            f"A source of a column is no input of the step, or no column of one. Valid: {', '.join(valid)}.",
            hint="Add it to the step's inputs.",
        )


class UnknownWayError(InputError):
    """A declaration of lineage names a way that does not exist."""

    code = "unknown-way"

    def __init__(self, valid: Iterable[str]) -> None:
        super().__init__(f"A source reaches a column in no known way. Ways: {', '.join(sorted(valid))}.")


class UnreadableSqlError(InputError):
    """A text that is no single statement of its dialect."""

    code = "unreadable-sql"

    def __init__(self, dialect: str) -> None:
        super().__init__(
            f"This is not one statement of the dialect {dialect!r}.",
            hint="Give one SELECT, CREATE TABLE AS or INSERT ... SELECT.",
        )


class IncompleteLineageError(CheckFailedError):
    """Runs without an end, or snapshots whose run did not tell of them."""

    code = "incomplete-lineage"

    def __init__(self, gaps: int) -> None:
        super().__init__(
            f"Lineage is not whole: {gaps} gap(s).",
            hint="Run the steps again whose runs did not end; what they had written is then told.",
        )
