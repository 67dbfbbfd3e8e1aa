"""The product under the bypass suite: Iceberg tables in a real lake, policies in real documents, the real
gateway.

`run_as(principal, sql, dialect)` answers over the fixture's rows; `make(con)` does over the rows of a DuckDB
connection. The fixture's neutral policies become YAML, its masks ours.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import fixtures  # type: ignore[import-not-found]  # on the path of whoever runs the suite
import pyarrow as pa

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.policies.admit.errors import NamedParameterError, ParameterCountError

Answer = tuple[list[str], list[tuple[Any, ...]]]
RunAs = Callable[[str, str, str], Answer]
PURPOSE = "care"

_TYPES = {"INTEGER": pa.int32(), "DECIMAL(10,2)": pa.decimal128(10, 2), "JSON": pa.string()}
_ADDRESS = pa.struct([("street", pa.string()), ("unit", pa.int32())])


def _last_four(column: str, _type: str, _argument: object) -> str:
    start = f"left({column}, length({column}) - 4)"
    hidden = f"regexp_replace(regexp_replace({start}, '[A-Za-z]', 'x', 'g'), '[0-9]', 'n', 'g')"
    return f"CASE WHEN length({column}) <= 4 THEN {column} ELSE {hidden} || right({column}, 4) END"


def _pseudonym(column: str, _type: str, _argument: object) -> str:
    key = _home().keys.derive("pseudonym:lake").hex()
    return f"left(sha256('{key}' || sha256('{key}' || {column})), 32)"


MASKS: Mapping[str, Callable[[str, str, Any], str]] = {"suffix": _last_four, "hash": _pseudonym}
"""What our masks show, written apart from the code under test."""


def is_policy_error(error: BaseException) -> bool:
    """Whether the product refused; a statement with a parameter that nobody gave never runs either."""
    return isinstance(error, DeniedError | ParameterCountError | NamedParameterError)


@cache
def _home() -> Lake:
    """The lake whose keys every other lake of a run shares, so that pseudonyms agree."""
    return init_lake(Path(tempfile.mkdtemp(prefix="lakeward-bypass-")) / "home", name="memory")


def run_as(principal: str, sql: str, dialect: str) -> Answer:
    """Answer over the fixture's own rows."""
    return _over_the_fixture()(principal, sql, dialect)


@cache
def _over_the_fixture() -> RunAs:
    return _serve(fixtures.raw_arrow())


def make(con: duckdb.DuckDBPyConnection) -> RunAs:
    """Answer over the rows that a connection holds."""
    tables = {}
    for name in fixtures.SCHEMA:
        full = name if "." in name else f"main.{name}"
        tables[name] = con.table(f"memory.{full}").to_arrow_table()
    return _serve(tables)


def _serve(tables: Mapping[str, pa.Table]) -> RunAs:
    gateway = open_gateway(_lake(tables))

    def run(principal: str, sql: str, dialect: str) -> Answer:
        session = gateway.session(principal, PURPOSE, dialect=dialect)
        table = gateway.execute(session, sql).table()
        return table.column_names, _rows(table)

    run.gateway = gateway  # type: ignore[attr-defined]  # for tests that look inside
    return run


def gateway_of(run: RunAs) -> Gateway:
    """The gateway behind a `run_as`."""
    return run.gateway  # type: ignore[attr-defined, no-any-return]


def _rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Rows as DuckDB's own client gives them, which is how the expected answer comes."""
    names = [f"c{number}" for number in range(table.num_columns)]
    with duckdb.connect() as con:
        con.register("answer", table.rename_columns(names))
        return con.execute("SELECT * FROM answer").fetchall()


def _lake(tables: Mapping[str, pa.Table]) -> Lake:
    root = Path(tempfile.mkdtemp(prefix="lakeward-bypass-")) / "lake"
    init_lake(root, name="memory").close()
    shutil.rmtree(root / "keys")
    shutil.copytree(_home().root / "keys", root / "keys")
    (root / "audit.head").unlink(missing_ok=True)
    from lakeward.catalog.lake import open_lake

    lake = open_lake(root)
    for name, rows in tables.items():
        data = _typed(name, rows)
        write_batches(
            lake,
            TableName.parse(name if "." in name else f"main.{name}"),
            data.to_reader(),
            mode="append",
            tags={column: ["sensitivity.none"] for column in data.column_names},
            actor="suite",
        )
    (root / "policies" / "suite.yaml").write_text(json.dumps(_policies(), default=str), encoding="utf-8")
    return lake


def _typed(name: str, rows: pa.Table) -> pa.Table:
    columns = []
    for column, sql_type in fixtures.SCHEMA[name].items():
        values = rows[column]
        if sql_type in _TYPES:
            values = values.cast(_TYPES[sql_type])
        elif sql_type.startswith("STRUCT"):
            values = pa.chunked_array([pa.array(values.to_pylist(), type=_ADDRESS)])
        elif pa.types.is_timestamp(values.type):
            values = values.cast(pa.timestamp("us"))
        columns.append(values)
    return pa.table(columns, names=rows.column_names)


def _policies() -> dict[str, Any]:
    grants = [
        _grant(principal, table, policy)
        for principal, tables in fixtures.POLICIES.items()
        for table, policy in tables.items()
    ]
    roles = {principal: {"members": [principal]} for principal in fixtures.POLICIES}
    return {"version": 1, "roles": roles, "purposes": [PURPOSE], "grants": grants}


def _grant(principal: str, table: str, policy: fixtures.TablePolicy) -> dict[str, Any]:
    columns = [
        {"names": [column], "mask": _mask(policy.masks.get(column))}
        for column in fixtures.visible_columns(principal, table)
    ]
    grant: dict[str, Any] = {
        "id": f"{principal}.{table}".replace("_", "-"),
        "to": [principal],
        "tables": [f"main.{table}"],
        "columns": columns,
    }
    if condition := fixtures.row_filter_sql(principal, table):
        grant["rows"] = condition
    return grant


_OURS: Mapping[str, Callable[[Any], Any]] = {
    "null": lambda _argument: "replace-with-null",
    "hash": lambda _argument: "pseudonym",
    "const": lambda argument: {"constant": {"value": argument}},
    "prefix": lambda argument: {"prefix": {"length": argument}},
    "suffix": lambda _argument: "show-last-4",
    "trunc": lambda argument: f"truncate-to-{argument}",
    "round": lambda argument: {"round": {"digits": argument}},
}


def _mask(mask: fixtures.Mask | None) -> object:
    return "clear" if mask is None else _OURS[mask.kind](mask.arg)
