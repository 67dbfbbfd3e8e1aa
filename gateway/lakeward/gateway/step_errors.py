"""What can go wrong with a pipeline step, beside what can go wrong with its query or its write."""

from collections.abc import Iterable
from pathlib import Path

from lakeward.catalog.errors import InputError, UnavailableError


class UnclassifiedSourceError(InputError):
    """Columns come from sources that nobody has classified, and nobody said what they then hold."""

    code = "unclassified-source"

    def __init__(self, columns: Iterable[str]) -> None:
        super().__init__(
            f"Columns come from a source that nobody has classified: {', '.join(columns)}.",
            hint="Tag the source with `lakeward tag set`, or declare tags for these columns in the step.",
        )


class UnreadableInputError(UnavailableError):
    """A raw file that a step declares as input cannot be read."""

    code = "unreadable-input"

    def __init__(self, path: Path) -> None:
        super().__init__(f"The input {path} cannot be read.", hint="Check the path and its rights.")


class MovingTablesError(UnavailableError):
    """Tables or policies changed each time between a query and the look at what it read."""

    code = "moving-tables"

    def __init__(self) -> None:
        super().__init__(
            "The tables or policies that the query reads changed while the step began. Nothing was written.",
            hint="Run the step again.",
        )


class UnnamedColumnError(InputError):
    """A query that is to become a table computes a column and gives it no name."""

    code = "unnamed-column"

    def __init__(self) -> None:
        super().__init__(
            "A computed column of the query has no name, so the table's column would be named by its text.",
            hint="Give every computed column a name with AS.",
        )


class PivotedColumnsError(InputError):
    """A query that is to become a table names columns by what is in cells, or by literals in their place."""

    code = "pivoted-columns"

    def __init__(self) -> None:
        super().__init__(
            "The query pivots: values would be names of the table's columns, kept in metadata and records.",
            hint="Write an aggregate for each value, and name it: count(*) FILTER (WHERE code = 'x') AS a.",
        )
