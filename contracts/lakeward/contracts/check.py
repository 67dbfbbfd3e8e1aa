"""Check a contract against a table: compile, count once, judge.

When the one aggregate cannot run (a pattern that the engine does not know, an overflow), each rule is
counted by itself, so that one bad clause is one error and hides no other. An engine's own words are never
passed on: they quote cells.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlglot import exp

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.pin import PinnedTable
from lakeward.contracts.compile import ROWS, CompiledContract, compile_contract, metrics_query
from lakeward.contracts.document import Contract
from lakeward.contracts.errors import MetricsUnavailableError
from lakeward.contracts.judge import judge
from lakeward.contracts.report import ContractReport

Counts = Mapping[str, int | float | None]


class MetricsEngine(Protocol):
    """Runs an aggregate over a pinned table with the lake's own rights."""

    def aggregate(self, table: PinnedTable, query: exp.Select) -> Counts:
        """Run a query that reads from the table `t` and gives one row of numbers."""


def check_contract(
    contract: Contract,
    table: PinnedTable,
    engine: MetricsEngine,
    *,
    now: datetime | None = None,
    great_expectations: bool = True,
) -> ContractReport:
    """Check a contract against one pinned reading of a table.

    Raises:
        ContractTableError: The contract does not describe this table.
        MetricsUnavailableError: Not even the rows could be counted.
    """
    compiled = compile_contract(contract, table, now)
    counts = count_rules(compiled, engine) if compiled.counted else {}
    return judge(compiled, counts, great_expectations=great_expectations)


def count_rules(compiled: CompiledContract, engine: MetricsEngine) -> Counts:
    """Get the metrics row in one pass; rule by rule when that pass cannot run."""
    counts = _try(engine, compiled.table, compiled.query)
    if counts is not None:
        return counts
    counts = _try(engine, compiled.table, metrics_query(()))
    if counts is None:
        raise MetricsUnavailableError(str(compiled.table.name))
    found = dict(counts)
    for rule in compiled.counted:
        found |= _try(engine, compiled.table, metrics_query([rule])) or {}
    return {ROWS: counts[ROWS], **found}


def _try(engine: MetricsEngine, table: PinnedTable, query: exp.Select) -> Counts | None:
    try:
        return engine.aggregate(table, query)
    except LakewardError:
        return None
    except Exception:  # noqa: BLE001 - an engine's error quotes cells: it ends here, and the rule is an error
        return None
