"""DuckDB as the engine of a gateway: verify a plan, then run it fused on the reader or staged on a bench."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import ErrorLevel, exp

from lakeward.catalog.lake import Lake
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.answer import Answer, Way
from lakeward.gateway.engines.duckdb.aggregate import run_aggregate
from lakeward.gateway.engines.duckdb.bench import Bench
from lakeward.gateway.engines.duckdb.faults import bench_fault
from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.gateway.engines.duckdb.reader import KEYS_TABLE, Reader
from lakeward.gateway.engines.duckdb.running import Running
from lakeward.gateway.engines.duckdb.scan import local_path
from lakeward.gateway.engines.duckdb.selftest import self_test
from lakeward.gateway.errors import ReadFailedError
from lakeward.gateway.plan import Plan
from lakeward.gateway.recorded import record_fault
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.rewrite.expand_pivots import expand_pivots, needs_values
from lakeward.policies.rewrite.fuse import FusedPlan
from lakeward.policies.rewrite.name_outputs import name_outputs
from lakeward.policies.rewrite.resolve import Names
from lakeward.policies.rewrite.stage import StagedPlan, spellings
from lakeward.policies.verify import verify_reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A verified plan; `text` is what the engine will run, None while a pivot still needs its values."""

    statement: GovernedStatement
    plan: Plan
    query: exp.Query
    text: str | None

    @property
    def way(self) -> Way:
        """How it will run."""
        return "fused" if self.plan.is_fused else "staged"


class DuckDBEngine:
    """The embedded engine of one lake."""

    def __init__(self, lake: Lake, names: Names) -> None:
        self_test(lake.root)
        self._lake = lake
        self._names = names
        self._parser = Parser()
        self._spill = _private_folder(lake.root / "spill")
        self._reader = Reader(local_path(lake.config.warehouse), lake.keys, spill=self._spill)

    def prepare(self, session: Session, statement: GovernedStatement, plan: Plan) -> Prepared:
        """Name the outputs as DuckDB names them and have its parser confirm the final text.

        Raises:
            DisagreementError: The parser sees something else than lakeward does.
        """
        names = self._parser.output_names(statement.text) if session.dialect == "duckdb" else None
        query = name_outputs(plan.run.query, statement.tree, names, copy=not plan.is_fused)
        text = None if needs_values(query) else self._verified(query, statement, plan)
        return Prepared(statement=statement, plan=plan, query=query, text=text)

    def _verified(self, query: exp.Query, statement: GovernedStatement, plan: Plan) -> str:
        text = query.sql("duckdb", identify=True, comments=False, unsupported_level=ErrorLevel.RAISE)
        reading = self._parser.read(text)
        if isinstance(plan.run, FusedPlan):
            verify_reading(reading, [KEYS_TABLE], own_table_functions=frozenset({"iceberg_scan"}))
        else:
            verify_reading(
                reading, [each for name in statement.restrictions for each in spellings(name, self._names)]
            )
        return text

    def run(self, session: Session, prepared: Prepared) -> Answer:
        """Run a prepared statement and stream its rows.

        Raises:
            LakewardError: In words of ours, whatever the engine said.
        """
        running = Running(self._lake.audit, session, prepared.statement.statement_id)
        if isinstance(prepared.plan.run, StagedPlan):
            return self._run_staged(running, prepared, prepared.plan.run)
        cursor = self._reader.cursor(prepared.plan.labels)
        return running.answer(cursor, str(prepared.text), "fused", cursor.close)

    def _run_staged(self, running: Running, prepared: Prepared, staged: StagedPlan) -> Answer:
        limits = running.session.limits
        bench = Bench(self._names, memory_limit=limits.memory, threads=limits.threads, spill=self._spill)
        try:
            running.watch(bench.connection)
            self._lay(bench, staged, prepared, running)
            text = prepared.text or self._with_values(prepared, bench)
            return running.answer(bench.connection, text, "staged", bench.close)
        except BaseException as error:
            bench.close()
            running.fail(error)
            raise

    def _lay(self, bench: Bench, staged: StagedPlan, prepared: Prepared, running: Running) -> None:
        for each in staged.stages:
            cursor = self._reader.cursor(prepared.plan.labels)
            try:
                bench.lay(each.name, each.columns, self._reader.stream(cursor, each.select))
            except duckdb.Error as error:
                record_fault(self._lake.audit, running.session, running.statement_id, error)
                raise ReadFailedError(running.statement_id) from None
            finally:
                cursor.close()

    def _with_values(self, prepared: Prepared, bench: Bench) -> str:
        """Write out the values of open pivots, found on the bench, and verify what then stands there."""
        try:
            query = expand_pivots(prepared.query, bench.texts)
        except duckdb.Error as error:
            raise bench_fault(error, prepared.statement.statement_id) from None
        return self._verified(query, prepared.statement, prepared.plan)

    def aggregate(self, table: PinnedTable, query: exp.Select) -> dict[str, Any]:
        """Run one aggregate over the raw rows of a pinned table; see `Gateway.aggregate`."""
        cursor = self._reader.cursor(())
        try:
            return run_aggregate(cursor, table, query)
        finally:
            cursor.close()

    def close(self) -> None:
        """Close the reader and the parser."""
        self._reader.close()
        self._parser.close()


def _private_folder(path: Path) -> Path:
    """Make the folder where instances spill, encrypted, what memory does not hold; it is ours alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    return path
