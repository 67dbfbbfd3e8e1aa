"""DuckDB as the engine of a gateway: verify a plan, then run it fused on the reader or staged on a bench."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import ErrorLevel, exp

from lakeward.catalog.lake import Lake
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.answer import Answer, Description, Way
from lakeward.gateway.engines.duckdb.aggregate import run_aggregate
from lakeward.gateway.engines.duckdb.bench import Bench
from lakeward.gateway.engines.duckdb.faults import bench_fault
from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.gateway.engines.duckdb.reader import BATCH_ROWS, KEYS_TABLE, Reader
from lakeward.gateway.engines.duckdb.scan import local_path
from lakeward.gateway.engines.duckdb.selftest import self_test
from lakeward.gateway.errors import ReadFailedError
from lakeward.gateway.plan import Plan
from lakeward.gateway.recorded import record_fault
from lakeward.gateway.running import Running
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.admit.translate import DIVIDES_WHOLE
from lakeward.policies.rewrite.expand_pivots import expand_pivots, needs_values
from lakeward.policies.rewrite.fuse import FusedPlan
from lakeward.policies.rewrite.name_outputs import name_outputs
from lakeward.policies.rewrite.resolve import Names
from lakeward.policies.rewrite.stage import Stage, StagedPlan, spellings
from lakeward.policies.verify import verify_reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A verified plan; `text` is what the engine will run, None while a pivot still needs its values.

    `described` says what its answer is like, where somebody has asked before.
    """

    statement: GovernedStatement
    plan: Plan
    query: exp.Query
    text: str | None
    described: Description | None = None

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

    def run(self, running: Running, prepared: Prepared) -> Answer:
        """Run a prepared statement and stream its rows.

        Raises:
            LakewardError: In words of ours, whatever the engine said.
        """
        opened: list[Callable[[], None]] = []

        def close() -> None:
            while opened:
                opened.pop()()

        try:
            connection, text = self._laid(running, prepared, opened)
            running.watch(partial(_interrupt, connection))
            reader = connection.execute(text).to_arrow_reader(BATCH_ROWS)
            return running.answer(reader.schema, reader, prepared.way, fault=bench_fault, close=close)
        except Exception as error:  # noqa: BLE001 - whatever the engine raises is told in words of ours
            close()
            raise running.failed(error, bench_fault) from None

    def _laid(
        self, running: Running, prepared: Prepared, opened: list[Callable[[], None]]
    ) -> tuple[duckdb.DuckDBPyConnection, str]:
        """Return where the final text is to run: over the lake when it is fused, else on a laid bench."""
        if not isinstance(prepared.plan.run, StagedPlan):
            cursor = self._reader.cursor(prepared.plan.labels)
            opened.append(cursor.close)
            return cursor, str(prepared.text)
        bench = self._bench(running.session)
        opened.append(bench.close)
        for each in prepared.plan.run.stages:
            self._lay(bench, each, prepared, running)
        running.watch(partial(_interrupt, bench.connection))
        return bench.connection, prepared.text or self._with_values(prepared, bench)

    def _lay(self, bench: Bench, stage: Stage, prepared: Prepared, running: Running) -> None:
        cursor = self._reader.cursor(prepared.plan.labels)
        try:
            running.watch(partial(_interrupt, cursor, bench.connection))
            bench.lay(stage.name, stage.columns, self._reader.stream(cursor, stage.select))
        except duckdb.Error as error:
            running.cancellation.check()
            record_fault(self._lake.audit, running.session, running.statement_id, error)
            raise ReadFailedError(running.statement_id) from None
        finally:
            cursor.close()

    def describe(self, session: Session, prepared: Prepared) -> pa.Schema:
        """Return the columns of a statement; it meets no row, and nothing but an empty bench.

        Raises:
            LakewardError: It cannot run, in words of ours.
        """
        bench = self._bench(session)
        try:
            for each in prepared.plan.run.stages if isinstance(prepared.plan.run, StagedPlan) else ():
                bench.lay(each.name, each.columns)
            return bench.schema(str(prepared.text))
        except duckdb.Error as error:
            raise bench_fault(error, prepared.statement.statement_id) from None
        finally:
            bench.close()

    def _bench(self, session: Session) -> Bench:
        limits, whole = session.limits, session.dialect in DIVIDES_WHOLE
        return Bench(
            self._names,
            memory_limit=limits.memory,
            threads=limits.threads,
            spill=self._spill,
            divides_whole=whole,
        )

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


def _interrupt(*connections: duckdb.DuckDBPyConnection) -> None:
    for each in connections:
        with contextlib.suppress(duckdb.ConnectionException):  # the statement ended in the same moment
            each.interrupt()


def _private_folder(path: Path) -> Path:
    """Make the folder where instances spill, encrypted, what memory does not hold; it is ours alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    return path
