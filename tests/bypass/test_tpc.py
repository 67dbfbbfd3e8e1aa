"""TPC-H and TPC-DS under policy give what they give on a copy that holds only the permitted cells."""

import math
from collections.abc import Iterator, Mapping
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.service import Gateway, open_gateway

SCALE = 0.01
PURPOSE = "test"

ROWS = {
    "tpch": {
        "lineitem": "l_shipmode IN ('AIR', 'MAIL', 'RAIL', 'SHIP')",
        "orders": "o_orderpriority <> '5-LOW'",
        "customer": "c_nationkey IN (SELECT n_nationkey FROM main.nation WHERE n_regionkey < 4)",
        "supplier": "s_acctbal > -500",
    },
    "tpcds": {
        "store_sales": "ss_quantity < 80",
        "web_sales": "ws_quantity > 10 OR ws_quantity IS NULL",
        "customer": "c_birth_year % 3 <> 0",
        "item": "i_item_sk IN (SELECT i_item_sk FROM main.item WHERE i_category <> 'Music')",
    },
}
"""Row filters by table; each is written so that it means the same in the copy."""

MASKS = {
    "tpch": {"c_name": ("{prefix: {length: 10}}", "left({}, 10)"), "o_clerk": ("replace-with-null", "NULL")},
    "tpcds": {
        "c_last_name": ("{prefix: {length: 1}}", "left({}, 1)"),
        "ca_street_name": ("replace-with-null", "NULL"),
        "c_email_address": ("{constant: {value: none}}", "'none'"),
    },
}
"""Masks by column: in a policy, and as SQL of our own."""


def source(benchmark: str) -> tuple[duckdb.DuckDBPyConnection, dict[int, str]]:
    """The benchmark's tables in a DuckDB, and its queries by number."""
    package = import_module(f"duckdb_extension_{benchmark}")
    path = (
        resources.files(package) / "extensions" / f"v{duckdb.__version__}" / f"{benchmark}.duckdb_extension"
    )
    connection = duckdb.connect()
    connection.load_extension(str(path))
    connection.execute(f"CALL {'dbgen' if benchmark == 'tpch' else 'dsdgen'}(sf={SCALE})")
    queries = connection.execute(f"SELECT query_nr, query FROM {benchmark}_queries()").fetchall()
    return connection, dict(queries)


def tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the tables."""
    return [row[0] for row in connection.execute("SHOW TABLES").fetchall()]


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Columns and types of a table."""
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {table}").fetchall()}


def copy(connection: duckdb.DuckDBPyConnection, benchmark: str) -> duckdb.DuckDBPyConnection:
    """A database that holds only what the policy permits."""
    sanitised = duckdb.connect()
    for table in tables(connection):
        shown = [
            f"CAST({MASKS[benchmark][name][1].format(name)} AS {type_}) AS {name}"
            if name in MASKS[benchmark]
            else name
            for name, type_ in columns(connection, table).items()
        ]
        condition = ROWS[benchmark].get(table, "TRUE")
        rows = connection.execute(
            f"SELECT {', '.join(shown)} FROM {table} WHERE {condition}"
        ).to_arrow_table()
        sanitised.register("incoming", rows)
        sanitised.execute(f"CREATE TABLE {table} AS SELECT * FROM incoming")
        sanitised.unregister("incoming")
    return sanitised


def policy(connection: duckdb.DuckDBPyConnection, benchmark: str) -> str:
    """The same as YAML."""
    lines = ["version: 1", f"purposes: [{PURPOSE}]", "roles: {analyst: {members: [ada]}}", "grants:"]
    for table in tables(connection):
        masked = [name for name in columns(connection, table) if name in MASKS[benchmark]]
        clear = [name for name in columns(connection, table) if name not in masked]
        entries = [f"{{names: [{', '.join(clear)}], mask: clear}}"]
        entries += [f"{{names: [{name}], mask: {MASKS[benchmark][name][0]}}}" for name in masked]
        lines.append(f"  - id: {table.replace('_', '-')}\n    to: [analyst]\n    tables: [main.{table}]")
        if table in ROWS[benchmark]:
            lines.append(f'    rows: "{ROWS[benchmark][table]}"')
        lines.append(f"    columns: [{', '.join(entries)}]")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module", params=["tpch", "tpcds"])
def setting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, duckdb.DuckDBPyConnection, Mapping[int, str]]]:
    """A gateway over the benchmark, the sanitised copy, and the queries."""
    pytest.importorskip(f"duckdb_extension_{request.param}")
    connection, queries = source(request.param)
    root: Path = tmp_path_factory.mktemp(request.param) / "lake"
    lake = init_lake(root)
    for table in tables(connection):
        reader = connection.table(table).to_arrow_reader(65_536)
        tags = {name: ["health"] for name in reader.schema.names}
        write_batches(lake, TableName("main", table), reader, mode="append", tags=tags, actor="test")
    (root / "policies" / "tpc.yaml").write_text(policy(connection, request.param), encoding="utf-8")
    with open_gateway(lake) as gateway:
        yield gateway, copy(connection, request.param), queries


def normal(value: Any) -> Any:  # noqa: ANN401 - whatever a cell holds
    """A value in a form in which nearly equal numbers are equal."""
    if isinstance(value, int | float) or type(value).__name__ == "Decimal":
        number = float(value)
        return None if math.isnan(number) else float(f"{number:.6g}")
    return value


def answer(table: Any) -> list[str]:  # noqa: ANN401 - an Arrow table
    """The rows of an Arrow table, in one order."""
    names = [f"c{i}" for i in range(table.num_columns)]
    rows = table.rename_columns(names).to_pylist()
    return sorted(repr([normal(row[name]) for name in names]) for row in rows)


@pytest.mark.slow
def test_every_query_answers_as_on_a_sanitised_copy(
    setting: tuple[Gateway, duckdb.DuckDBPyConnection, Mapping[int, str]],
) -> None:
    gateway, sanitised, queries = setting
    session = gateway.session("ada", PURPOSE)
    different, fused = [], 0
    for number, sql in queries.items():
        got = gateway.execute(session, sql)
        fused += got.way == "fused"
        if answer(got.table()) != answer(sanitised.execute(sql).to_arrow_table()):
            different.append(number)
    assert different == []
    assert fused >= 0.9 * len(queries)  # see docs/adr/0013
