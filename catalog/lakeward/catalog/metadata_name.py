"""Names of metadata tables: `table$snapshots` is what is known of the snapshots of `table`."""

from dataclasses import dataclass

from lakeward.catalog.names import InvalidTableNameError, TableName

KINDS = ("snapshots", "history", "files", "partitions")


@dataclass(frozen=True, slots=True, order=True)
class MetadataName(TableName):
    """The name of a metadata table; no table of a lake can have it."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidTableNameError
        _ = self.base

    @property
    def kind(self) -> str:
        """Which metadata."""
        return self.table.partition("$")[2]

    @property
    def base(self) -> TableName:
        """The table that it is about."""
        return TableName(self.namespace, self.table.partition("$")[0])
