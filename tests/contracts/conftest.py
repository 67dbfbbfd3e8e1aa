"""A pinned table without a lake, and a real DuckDB that counts over it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any, cast

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.types import Field, parse_type
from lakeward.contracts.check import check_contract
from lakeward.contracts.document import Contract, contract_of
from lakeward.contracts.report import ContractReport, RuleResult
from lakeward.contracts.source import parse_source

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: observations
version: 1.0.0
status: active
"""


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Open one database for all counts: to make one takes longer than to count."""
    return duckdb.connect(config={"threads": 1})


class DuckDBEngine:
    """Counts over Arrow data that is registered as `t`, and remembers what it was asked."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows
        self.asked: list[str] = []

    def aggregate(self, table: PinnedTable, query: exp.Select) -> Mapping[str, int | float | None]:
        """Run the query; `table` says which snapshot it would be."""
        self.asked.append(query.sql("duckdb"))
        with _database().cursor() as connection:  # a cursor sees only the rows that are registered with it
            connection.register("t", self.rows)
            cursor = connection.execute(self.asked[-1])
            names = [column[0] for column in cursor.description or ()]
            found = cursor.fetchall()
        assert len(found) == 1, f"not one row from {table.name}"
        return dict(zip(names, found[0], strict=True))


class Bench:
    """What a test of this room stands on: tables, contracts, and a check that counts for real."""

    now = NOW

    def table(
        self, columns: Mapping[str, object], tags: Mapping[str, str] | None = None, **facts: object
    ) -> PinnedTable:
        """Make a pinned table; a column's type is Iceberg's word, with `!` behind it when required.

        Field-ids count from 1. `tags` gives columns their tags, comma-joined, and makes them classified.
        """
        held = []
        for index, (name, spelled) in enumerate(columns.items(), start=1):
            required = isinstance(spelled, str) and spelled.endswith("!")
            type_ = parse_type(cast("str", spelled.rstrip("!") if isinstance(spelled, str) else spelled))
            own = frozenset(filter(None, (tags or {}).get(name, "").split(",")))
            field = Field(index, name, type_, required)
            held.append(PinnedColumn(field=field, tags=own, is_classified=bool(own)))
        given: dict[str, Any] = {"name": TableName("clinical", "observations"), "tags": frozenset(), **facts}
        return PinnedTable(
            uuid="u",
            metadata_location="m",
            snapshot_id=7,
            schema_id=0,
            columns=tuple(held),
            location="l",
            **given,
        )

    def contract(self, body: str, *, version: str = "v3.1.0") -> Contract:
        """Make a contract of YAML below a valid head."""
        head = HEAD.replace("v3.1.0", version)
        return contract_of(parse_source((head + body).encode(), "c.yaml"))

    def column_contract(self, clauses: str, name: str = "x") -> Contract:
        """Make a contract of one column; `clauses` is the rest of its flow mapping."""
        return self.contract(
            f"schema:\n- name: observations\n  properties:\n  - {{name: {name}, {clauses}}}\n"
        )

    def buffer(self) -> BytesIO:
        """Make a place to write to."""
        return BytesIO()

    def engine(self, rows: pa.Table) -> DuckDBEngine:
        """Make an engine that counts over Arrow data."""
        return DuckDBEngine(rows)

    def check(self, contract: Contract, table: PinnedTable, rows: pa.Table) -> ContractReport:
        """Check with our own comparison alone: fast."""
        return check_contract(contract, table, DuckDBEngine(rows), now=NOW, great_expectations=False)

    def one(self, contract: Contract, type_: object, values: pa.Array, kind: str) -> RuleResult:
        """Check a contract against a table of the one column `x`, and give the one result of a kind."""
        report = self.check(contract, self.table({"x": type_}), pa.table({"x": values}))
        [result] = [rule for rule in report.rules if rule.kind == kind]
        return result


@pytest.fixture(scope="session")
def bench() -> Bench:
    """Give the bench; it holds nothing that a test could change."""
    return Bench()
