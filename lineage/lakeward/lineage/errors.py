"""What can go wrong with lineage."""

from lakeward.catalog.errors import InputError


class NoLineageError(InputError):
    """A statement of a kind that has no lineage."""

    code = "no-lineage"

    def __init__(self) -> None:
        super().__init__(
            "Lineage is known of a query, CREATE TABLE AS and INSERT from a query, not of this statement.",
            hint="Give the query whose result is written.",
        )
