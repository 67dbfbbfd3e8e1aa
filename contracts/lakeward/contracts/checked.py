"""A check as the lake knows it: pinned, counted, judged, kept in the store and noted in the audit chain."""

from typing import Any

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.lake import Lake, owner_name
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable
from lakeward.contracts.check import MetricsEngine, check_contract
from lakeward.contracts.document import Contract
from lakeward.contracts.errors import MetricsUnavailableError
from lakeward.contracts.report import ContractReport
from lakeward.contracts.results import record_result
from lakeward.contracts.scope import table_of


def check_table(
    lake: Lake,
    contract: Contract,
    engine: MetricsEngine,
    *,
    table: TableName | None = None,
    at: str | int | None = None,
    great_expectations: bool = True,
) -> ContractReport:
    """Check a contract against a table of the lake; by default against the one that the contract names.

    Raises:
        ContractTableError: The contract does not describe this table, or names none.
        MetricsUnavailableError: Not even the rows could be counted; the audit chain says so too.
    """
    pinned = lake.pin(table or table_of(contract), at)
    try:
        report = check_contract(contract, pinned, engine, great_expectations=great_expectations)
    except MetricsUnavailableError:
        _note(lake, contract, pinned, {"outcome": "not run"})
        raise
    record_result(lake.store, report)
    _note(lake, contract, pinned, {"outcome": "kept" if report.success else "not kept", **report.totals})
    return report


def _note(lake: Lake, contract: Contract, table: PinnedTable, found: dict[str, Any]) -> None:
    named = {"contract": contract.id, "version": contract.version}
    details = {**named, "table": str(table.name), "snapshot": table.snapshot_id, **found}
    lake.audit.append(AuditEvent(kind="contract.check", principal=owner_name(), details=details))
