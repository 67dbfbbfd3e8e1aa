"""Erasures as time travel must know them: from which snapshot on a table is without the rows that are gone.

An erasure writes `pending` before its commit and `applied` or `abandoned` after it. Until it is known to be
abandoned, every snapshot that does not come of the one without the rows is taken to hold them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from lakeward.catalog.context import Origin
from lakeward.catalog.ledger import ABANDONED
from lakeward.catalog.store import Store
from lakeward.catalog.store.ready_query import ReadyQuery
from lakeward.catalog.store.schema import erased_snapshot

_ROWS = ReadyQuery(
    select(erased_snapshot.c.snapshot_id, erased_snapshot.c.sequence_number, erased_snapshot.c.state)
    .where(erased_snapshot.c.table_uuid == bindparam("table"))
    .order_by(erased_snapshot.c.id)
)


def note_erasure(store: Store, table_uuid: str, without: Origin, state: str) -> None:
    """Note a step of an erasure: `pending`, `applied` or `abandoned`.

    Args:
        store: The governance store.
        table_uuid: The table.
        without: The snapshot that no longer holds the rows.
        state: What became of it.
    """
    with store.writing() as connection:
        connection.execute(
            insert(erased_snapshot).values(
                at=datetime.now(UTC).isoformat(timespec="microseconds"),
                table_uuid=table_uuid,
                snapshot_id=without.snapshot_id,
                sequence_number=without.sequence_number,
                state=state,
            )
        )


def erasure_rows(connection: Connection, table_uuid: str) -> Sequence[Row[Any]]:
    """Read all that `erasures_of` goes by."""
    return _ROWS.rows(connection, {"table": table_uuid})


def erasures_of(rows: Sequence[Row[Any]]) -> tuple[Origin, ...]:
    """Give the snapshots from which on erased rows are gone, but for erasures that were abandoned."""
    last = {Origin(row.snapshot_id, row.sequence_number): row.state for row in rows}
    return tuple(origin for origin, state in last.items() if state != ABANDONED)
