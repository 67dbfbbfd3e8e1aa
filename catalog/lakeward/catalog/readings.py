"""The last reading of each table, and the rows that it was made of.

Every statement reads these rows anew, so what changed counts at once. Verifying signatures and judging
columns gives the same for the same rows, and takes longer than reading them: it is done again only when they
differ.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row

from lakeward.catalog.erasures import erasure_rows
from lakeward.catalog.ledger import known_rows
from lakeward.catalog.metadata import TableMetadata
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import catalog_rows, metadata_location, namespace_properties

if TYPE_CHECKING:
    from lakeward.catalog.lake import Lake
    from lakeward.catalog.pin import PinnedTable, Reading

_KEPT = 1_000
_Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class TableRows:
    """All that the reading of a table is made of, but for what never changes.

    Attributes:
        metadata: The metadata file that the catalog names.
        properties: Those of the namespace.
        of_namespace: What the ledger has on the namespace.
        of_table: What it has on the table.
        erasures: The steps of erasures in the table.
    """

    metadata: TableMetadata
    properties: Mapping[str, str]
    of_namespace: _Rows
    of_table: _Rows
    erasures: _Rows


@dataclass(slots=True)
class Kept:
    """A reading, the rows that it was made of, and the table as it is pinned at its newest snapshot."""

    rows: TableRows
    reading: "Reading"
    newest: "PinnedTable | None" = None


class Readings:
    """Keeps the readings of the tables that were read last; safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[TableName, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: TableName, rows: TableRows) -> Kept | None:
        """Give the reading that was made of the very same rows, if it was the last one of the table."""
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
        return found if found is not None and found.rows == rows else None

    def keep(self, name: TableName, rows: TableRows, reading: "Reading") -> Kept:
        """Keep a reading in place of the one before."""
        with self._lock:
            kept = self._kept[name] = Kept(rows, reading)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept


def read_rows(lake: "Lake", name: TableName, subject: str) -> TableRows:
    """Read what is known of a table now; `subject` is what its namespace's tags are signed for.

    Raises:
        TableNotFoundError: There is no such table.
        CatalogUnavailableError: The catalog or the metadata file cannot be read.
    """
    with catalog_rows(lake.catalog_kept) as connection:
        location = metadata_location(connection, lake.config.name, name)
        properties = namespace_properties(connection, lake.config.name, name.namespace)
    metadata = lake.metadata(location)
    with lake.store.asking() as connection:
        return TableRows(
            metadata,
            properties,
            known_rows(connection, subject),
            known_rows(connection, metadata.uuid),
            erasure_rows(connection, metadata.uuid),
        )
