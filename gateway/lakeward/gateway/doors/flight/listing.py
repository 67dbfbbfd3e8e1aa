"""What a client's browser of tables asks for: only what its principal may read is there."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.errors import OverloadedError
from lakeward.gateway.service import Gateway
from lakeward.gateway.session import Session
from lakeward.gateway.visible import visible_tables

Fields = dict[str, Any]
_TABLE = "TABLE"
_LONGEST_PATTERN = 256
_CATALOGS = pa.schema([pa.field("catalog_name", pa.string(), nullable=False)])
_SCHEMAS = pa.schema(
    [pa.field("catalog_name", pa.string()), pa.field("db_schema_name", pa.string(), nullable=False)]
)
_TABLES = pa.schema(
    [
        pa.field("catalog_name", pa.string()),
        pa.field("db_schema_name", pa.string()),
        pa.field("table_name", pa.string(), nullable=False),
        pa.field("table_type", pa.string(), nullable=False),
    ]
)
_WITH_SCHEMA = _TABLES.append(pa.field("table_schema", pa.binary(), nullable=False))
_TYPES = pa.schema([pa.field("table_type", pa.string(), nullable=False)])
_SQL_INFO: dict[int, str | bool] = {0: "lakeward", 1: version("lakeward"), 2: pa.__version__, 3: True}
_NAMES_OF_UNION = ("string_value", "bool_value", "bigint_value", "int32_bitmask", "string_list")


def schema_of(command: str, fields: Fields) -> pa.Schema | None:
    """Give the columns of a command's answer; None for one that lists nothing."""
    if command == "CommandGetTables":
        return _WITH_SCHEMA if fields.get("include_schema") else _TABLES
    if command == "CommandGetSqlInfo":
        return _sql_info({}).schema
    return {
        "CommandGetCatalogs": _CATALOGS,
        "CommandGetDbSchemas": _SCHEMAS,
        "CommandGetTableTypes": _TYPES,
    }.get(command)


def listing(gateway: Gateway, session: Session, command: str, fields: Fields) -> pa.Table:
    """Answer a command that lists something."""
    if command == "CommandGetCatalogs":
        return pa.table([[gateway.names.lake]], schema=_CATALOGS)
    if command == "CommandGetTableTypes":
        return pa.table([[_TABLE]], schema=_TYPES)
    if command == "CommandGetSqlInfo":
        return _sql_info(fields)
    return _tables(gateway, session, command, fields)


def _tables(gateway: Gateway, session: Session, command: str, fields: Fields) -> pa.Table:
    lake = gateway.names.lake
    fits_schema = _like(fields.get("db_schema_filter_pattern"))
    fits_table = _like(fields.get("table_name_filter_pattern"))
    is_here = fields.get("catalog", lake) == lake
    is_table = _TABLE in fields.get("table_types", [_TABLE])
    with gateway.room(session):
        visible = visible_tables(gateway, session) if is_here else []
    split = [each.name.rpartition(".") for each in visible]
    found = [(namespace, name) for namespace, _, name in split if fits_schema(namespace)]
    if command == "CommandGetDbSchemas":
        return _rows([(lake, each) for each in sorted({namespace for namespace, _ in found})], _SCHEMAS)
    rows = [(lake, *each, _TABLE) for each in sorted(found) if is_table and fits_table(each[1])]
    if not fields.get("include_schema"):
        return _rows(rows, _TABLES)
    described = [(*row, _described(gateway, session, row[1], row[2])) for row in rows]
    return _rows([row for row in described if row[-1] is not None], _WITH_SCHEMA)


def _rows(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def _described(gateway: Gateway, session: Session, namespace: str, name: str) -> bytes | None:
    """Give the columns of a table as a query of it has them; None when there is none to be had."""
    query = exp.select("*").from_(exp.table_(name, db=namespace, quoted=True))
    try:
        schema = gateway.describe(session, query.sql(session.dialect)).schema
    except OverloadedError:
        raise  # or a table would seem to be gone whenever much is asked
    except LakewardError:
        return None
    return bytes(schema.serialize())


def _like(pattern: str | None) -> Callable[[str], bool]:
    """Read a pattern in which `%` stands for any characters and `_` for one."""
    return lambda name: pattern is None or listing_fits(name, pattern[:_LONGEST_PATTERN])


def listing_fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern, in no more steps than letters of the one times letters of the other.

    An expression with many `.*` tries all ways to share a name out among them, and keeps everybody waiting.
    """
    ends = {0}
    """How many letters of the name what was read of the pattern may stand for."""
    for each in pattern:
        if each == "%":
            ends = set(range(min(ends, default=len(name) + 1), len(name) + 1))
        else:
            ends = {end + 1 for end in ends if end < len(name) and each in {"_", name[end]}}
    return len(name) in ends


def _sql_info(fields: Fields) -> pa.Table:
    """Say what server this is; a client that asks for nothing by number gets everything."""
    asked = list(fields.get("info", ())) or list(_SQL_INFO)
    known = [number for number in asked if number in _SQL_INFO]
    values = [_SQL_INFO[number] for number in known]
    texts = [each for each in values if isinstance(each, str)]
    flags = [each for each in values if not isinstance(each, str)]
    kinds = [0 if isinstance(each, str) else 1 for each in values]
    offsets = [kinds[:index].count(kind) for index, kind in enumerate(kinds)]
    children = [
        pa.array(texts, pa.string()),
        pa.array(flags, pa.bool_()),
        pa.array([], pa.int64()),
        pa.array([], pa.int32()),
        pa.array([], pa.list_(pa.string())),
        pa.array([], pa.map_(pa.int32(), pa.list_(pa.int32()))),
    ]
    names = [*_NAMES_OF_UNION, "int32_to_int32_list_map"]
    union = pa.UnionArray.from_dense(
        pa.array(kinds, pa.int8()), pa.array(offsets, pa.int32()), children, names
    )
    schema = pa.schema(
        [pa.field("info_name", pa.uint32(), nullable=False), pa.field("value", union.type, nullable=False)]
    )
    return pa.Table.from_arrays([pa.array(known, pa.uint32()), union], schema=schema)
