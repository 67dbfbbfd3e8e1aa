"""A pinned table without a lake, and a real DuckDB that counts over it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.types import Field, parse_type
from lakeward.contracts.document import Contract, contract_of
from lakeward.contracts.source import parse_source

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: observations
version: 1.0.0
status: active
"""


class DuckDBEngine:
    """Counts over Arrow data that is registered as `t`, and remembers what it was asked."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows
        self.asked: list[str] = []

    def aggregate(self, table: PinnedTable, query: exp.Select) -> Mapping[str, int | float | None]:
        """Run the query; `table` says which snapshot it would be."""
        self.asked.append(query.sql("duckdb"))
        with duckdb.connect() as connection:
            connection.register("t", self.rows)
            cursor = connection.execute(self.asked[-1])
            names = [column[0] for column in cursor.description or ()]
            found = cursor.fetchall()
        assert len(found) == 1, f"not one row from {table.name}"
        return dict(zip(names, found[0], strict=True))


def pinned(columns: Mapping[str, object], tags: Mapping[str, str] | None = None, **facts: object) -> PinnedTable:
    """Make a pinned table; a column's type is Iceberg's word, with `!` behind it when required.

    Field-ids count from 1. `tags` gives each column's tags, comma-joined; a column named there is classified.
    """
    held = []
    for index, (name, spelled) in enumerate(columns.items(), start=1):
        required = isinstance(spelled, str) and spelled.endswith("!")
        type_ = parse_type(spelled.rstrip("!") if isinstance(spelled, str) else spelled)  # type: ignore[arg-type]
        own = frozenset(filter(None, (tags or {}).get(name, "").split(",")))
        field = Field(index, name, type_, required)
        held.append(PinnedColumn(field=field, tags=own, is_classified=bool(own)))
    given: dict[str, object] = {"name": TableName("clinical", "observations"), "tags": frozenset(), **facts}
    return PinnedTable(
        uuid="u", metadata_location="m", snapshot_id=7, schema_id=0, columns=tuple(held), location="l", **given
    )  # type: ignore[arg-type]


def contract(body: str) -> Contract:
    """Make a contract of YAML below a valid head."""
    return contract_of(parse_source((HEAD + body).encode(), "c.yaml"))


def column_contract(clauses: str, name: str = "x") -> Contract:
    """Make a contract of one column; `clauses` is the rest of its flow mapping."""
    return contract(f"schema:\n- name: observations\n  properties:\n  - {{name: {name}, {clauses}}}\n")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Give a function that writes a contract file and returns its path."""

    def written(text: str) -> Path:
        path = tmp_path / "contract.yaml"
        path.write_text(text)
        return path

    return written
