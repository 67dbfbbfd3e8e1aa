"""A refusal at the door."""

from lakeward.catalog.errors import DeniedError


class NotAdmittedError(DeniedError):
    """The statement holds something that no list allows."""

    code = "not-admitted"

    def __init__(self, construct: str) -> None:
        super().__init__(
            f"The statement is refused: it holds {construct}, which is not allowed here.",
            hint="Ask with one SELECT over tables, with functions that docs/reference/sql.md lists.",
        )
