"""Keep what checks found in the governance store, one row to a check."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from lakeward.catalog.store import Store
from lakeward.catalog.store.schema import contract_result
from lakeward.contracts.report import ContractReport


def record_result(store: Store, report: ContractReport, at: datetime | None = None) -> None:
    """Store a report; it is durable when this returns."""
    row = {
        "at": (at or datetime.now(UTC)).isoformat(timespec="seconds"),
        "contract_id": report.contract_id, "contract_version": report.contract_version,
        "table_name": report.table, "snapshot_id": report.snapshot_id, "success": report.success,
        "document": json.dumps(report.as_json(), sort_keys=True),
    }  # fmt: skip
    with store.writing() as connection:
        connection.execute(insert(contract_result).values(row))


def stored_results(store: Store, table: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Give the reports of the last checks, newest first, each with its time under `at`."""
    query = select(contract_result.c.at, contract_result.c.document).order_by(contract_result.c.id.desc())
    if table is not None:
        query = query.where(contract_result.c.table_name == table)
    with store.reading() as connection:
        rows = connection.execute(query.limit(limit)).all()
    return [{"at": at, **json.loads(document)} for at, document in rows]
