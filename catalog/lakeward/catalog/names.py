"""Names of tables, canonical from the first moment: two parts, lower case, nothing that SQL could mistake."""

import re
from dataclasses import dataclass

from lakeward.catalog.errors import InputError

_PART = re.compile(r"[a-z_][a-z0-9_]{0,63}\Z")
_LONGEST_TOLD = 130


def as_written(name: str) -> str:
    """Return a name for a message as its writer wrote it, cut where it is longer than that of any table.

    Some protocols have little room for an error, and a statement has room for a name of a million letters.
    """
    return f"`{name}`" if len(name) <= _LONGEST_TOLD else f"`{name[:_LONGEST_TOLD]}...`"


class InvalidTableNameError(InputError):
    """A text that is not the name of a table."""

    code = "invalid-table-name"

    def __init__(self) -> None:
        super().__init__(
            "This is not the name of a table. A table's name is `namespace.table`: two parts of lower-case "
            "letters, "
            "digits and underscores, each at most 64 long.",
            hint="List the tables with `lakeward table list`.",
        )


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table's full name inside its lake; `str()` gives `namespace.table`."""

    namespace: str
    table: str

    def __post_init__(self) -> None:
        if not (_PART.match(self.namespace) and _PART.match(self.table)):
            raise InvalidTableNameError

    def __str__(self) -> str:
        return f"{self.namespace}.{self.table}"

    @classmethod
    def parse(cls, text: str) -> "TableName":
        """Read `namespace.table`.

        Raises:
            InvalidTableNameError: The text has another form.
        """
        namespace, dot, table = text.partition(".")
        if not dot:
            raise InvalidTableNameError
        return cls(namespace, table)
