"""The rows of the catalog's relations: those that are always the same, and those that depend on who asks."""

import functools
import tomllib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import pyarrow as pa

from lakeward.gateway.doors.postgres import types as pg
from lakeward.gateway.doors.postgres.pg_catalog.types import arrow_type
from lakeward.gateway.visible import VisibleColumn, VisibleTable

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
PG_CATALOG, INFORMATION_SCHEMA = "pg_catalog", "information_schema"
OWNER_OID, SELF_OID, DATABASE_OID = 10, 16_384, 5
OWNER = "lakeward"
_CATALOG_OID, _INFORMATION_OID, _FIRST_OID = 11, 12, 20_000
_HEAP, _COLLATION, _TABLESPACE = 2, 100, 1663

BY_PRINCIPAL = {
    PG_CATALOG: frozenset({"pg_class", "pg_attribute", "pg_namespace", "pg_tables"}),
    INFORMATION_SCHEMA: frozenset(
        {"schemata", "tables", "columns", "table_privileges", "role_table_grants", "column_privileges"}
    ),
}
"""Relations whose rows depend on what a purpose shows."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the principal, the lake that it calls a database, where a bare name is looked up."""

    principal: str
    database: str
    namespace: str


@functools.cache
def columns() -> Mapping[str, Mapping[str, str]]:
    """Give, by schema and relation, the definition of every column."""
    text = resources.files(__package__).joinpath("columns.toml").read_text("utf-8")
    return {
        schema: {name: " ".join(each.split()) for name, each in relations.items()}
        for schema, relations in tomllib.loads(text).items()
    }


def static_rows(asker: Asker, settings: Mapping[str, str]) -> dict[tuple[str, str], list[Row]]:
    """Give the rows that do not depend on policies."""
    who: dict[str, Any] = {
        "rolname": asker.principal,
        "rolsuper": False,
        "rolinherit": True,
        "rolcreaterole": False,
    }
    who |= {"rolcreatedb": False, "rolcanlogin": True, "rolreplication": False, "rolconnlimit": -1}
    who |= {"rolbypassrls": False, "oid": SELF_OID}
    database: dict[str, Any] = {
        "oid": DATABASE_OID,
        "datname": asker.database,
        "datdba": OWNER_OID,
        "encoding": 6,
    }
    database |= {"datcollate": "C", "datctype": "C", "datallowconn": True, "datconnlimit": -1}
    database |= {"datistemplate": False, "datlocprovider": "c", "dattablespace": _TABLESPACE}
    role: dict[str, Any] = {"role_name": asker.principal, "grantee": asker.principal, "is_grantable": "NO"}
    return {
        (PG_CATALOG, "pg_type"): list(_types()),
        (PG_CATALOG, "pg_roles"): [who],
        (PG_CATALOG, "pg_user"): [{"usename": asker.principal, "usesysid": SELF_OID, "usesuper": False}],
        (PG_CATALOG, "pg_database"): [database],
        (PG_CATALOG, "pg_am"): [{"oid": _HEAP, "amname": "heap", "amtype": "t"}],
        (PG_CATALOG, "pg_tablespace"): [{"oid": _TABLESPACE, "spcname": "pg_default", "spcowner": OWNER_OID}],
        (PG_CATALOG, "pg_collation"): [
            {"oid": _COLLATION, "collname": "default", "collnamespace": _CATALOG_OID, "collprovider": "d"}
        ],
        (PG_CATALOG, "pg_settings"): [
            {"name": name, "setting": value, "category": "lakeward", "context": "user", "vartype": "string"}
            for name, value in settings.items()
        ],
        (INFORMATION_SCHEMA, "information_schema_catalog_name"): [{"catalog_name": asker.database}],
        (INFORMATION_SCHEMA, "applicable_roles"): [role],
        (INFORMATION_SCHEMA, "enabled_roles"): [{"role_name": asker.principal}],
        (INFORMATION_SCHEMA, "character_sets"): [
            {"character_set_name": "UTF8", "character_repertoire": "UCS", "form_of_use": "UTF8"}
        ],
    }


def _types() -> Iterator[Row]:
    for each in pg.TYPES:
        shared: dict[str, Any] = {"typnamespace": _CATALOG_OID, "typowner": OWNER_OID}
        shared |= {"typisdefined": True, "typrelid": 0}
        shared |= {"typdelim": ",", "typnotnull": False, "typbasetype": 0, "typtypmod": -1, "typndims": 0}
        shared |= _functions_of(each.name)
        kind = "p" if each is pg.UNKNOWN else "b"
        shared |= {"typcollation": _COLLATION if each is pg.TEXT else 0}
        shared |= {"oid": each.oid, "typname": each.name, "typlen": each.size, "typtype": kind}
        yield shared | {"typcategory": each.category, "typelem": 0, "typarray": each.array_oid}
        if each.array_oid:
            listed = {"oid": each.array_oid, "typname": f"_{each.name}", "typlen": -1, "typtype": "b"}
            listed |= {"typcategory": "A", "typelem": each.oid, "typarray": 0}
            yield shared | listed | _functions_of("array_")


def _functions_of(name: str) -> dict[str, Any]:
    """Name the functions of a type: by them drivers know in which form its values come."""
    words = {"typinput": "in", "typoutput": "out", "typreceive": "recv", "typsend": "send"}
    spaced = f"{name}_" if name in _SPACED else name
    return {key: spaced + word for key, word in words.items()} | {"typsubscript": "-"}


_SPACED = frozenset(
    {"date", "time", "timestamp", "timestamptz", "interval", "numeric", "uuid", "json", "jsonb"}
)


def principal_rows(asker: Asker, tables: Sequence[VisibleTable]) -> dict[tuple[str, str], list[Row]]:
    """Give the rows that speak of the tables that a principal may see."""
    oids = _Oids()
    namespaces = {namespace_of(each) for each in tables} | {asker.namespace}
    spaces = {name: oids.give(name) for name in sorted(namespaces)}
    found: dict[tuple[str, str], list[Row]] = {
        (PG_CATALOG, "pg_namespace"): [_namespace(name, oid) for name, oid in _schemas(spaces)],
        (INFORMATION_SCHEMA, "schemata"): [
            {"catalog_name": asker.database, "schema_name": name, "schema_owner": OWNER}
            for name, _ in _schemas(spaces)
        ],
        **{(PG_CATALOG, name): [] for name in ("pg_class", "pg_attribute", "pg_tables")},
        **{(INFORMATION_SCHEMA, name): [] for name in BY_PRINCIPAL[INFORMATION_SCHEMA] - {"schemata"}},
    }
    for table in tables:
        oid = oids.give(table.name)
        for relation, row in _table_rows(asker, table, oid, spaces[namespace_of(table)]):
            found[relation].append(row)
    return found


def namespace_of(table: VisibleTable) -> str:
    """Give the namespace of a table."""
    return table.name.partition(".")[0]


def _schemas(spaces: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    yield PG_CATALOG, _CATALOG_OID
    yield INFORMATION_SCHEMA, _INFORMATION_OID
    yield from spaces.items()


def _namespace(name: str, oid: int) -> Row:
    return {"oid": oid, "nspname": name, "nspowner": OWNER_OID}


class _Oids:
    """Numbers that are the same for the same name as long as the same is visible."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def give(self, name: str) -> int:
        oid = _FIRST_OID + zlib.crc32(name.encode()) % (1 << 30)
        while oid in self._given:
            oid += 1
        self._given.add(oid)
        return oid


def _table_rows(
    asker: Asker, table: VisibleTable, oid: int, space: int
) -> Iterator[tuple[tuple[str, str], Row]]:
    namespace, _, bare = table.name.partition(".")
    name: dict[str, Any] = {"table_catalog": asker.database, "table_schema": namespace, "table_name": bare}
    grant = name | {"grantor": OWNER, "grantee": asker.principal, "privilege_type": "SELECT"}
    grant |= {"is_grantable": "NO"}
    yield (PG_CATALOG, "pg_class"), _class(table, oid, space)
    yield (
        (PG_CATALOG, "pg_tables"),
        {"schemaname": namespace, "tablename": bare, "tableowner": OWNER, "hasindexes": False},
    )
    yield (
        (INFORMATION_SCHEMA, "tables"),
        name | {"table_type": "BASE TABLE", "is_insertable_into": "NO", "is_typed": "NO"},
    )
    yield (INFORMATION_SCHEMA, "table_privileges"), grant | {"with_hierarchy": "YES"}
    yield (INFORMATION_SCHEMA, "role_table_grants"), grant | {"with_hierarchy": "YES"}
    for number, column in enumerate(table.columns, 1):
        yield (PG_CATALOG, "pg_attribute"), _attribute(column, oid, number)
        yield (INFORMATION_SCHEMA, "columns"), name | _information_column(asker, column, number)
        yield (INFORMATION_SCHEMA, "column_privileges"), grant | {"column_name": column.name}


def _class(table: VisibleTable, oid: int, space: int) -> Row:
    row: dict[str, Any] = {
        "oid": oid,
        "relname": table.name.partition(".")[2],
        "relnamespace": space,
        "reltype": 0,
    }
    row |= {"reloftype": 0, "relowner": OWNER_OID, "relam": _HEAP, "relfilenode": 0, "reltablespace": 0}
    row |= {"relpages": 0, "reltuples": -1.0, "relallvisible": 0, "reltoastrelid": 0, "relhasindex": False}
    row |= {"relisshared": False, "relpersistence": "p", "relkind": "r", "relnatts": len(table.columns)}
    row |= {"relchecks": 0, "relhasrules": False, "relhastriggers": False, "relhassubclass": False}
    row |= {"relrowsecurity": False, "relforcerowsecurity": False, "relispopulated": True}
    return row | {"relreplident": "d", "relispartition": False, "relrewrite": 0, "relhasoids": False}


def _attribute(column: VisibleColumn, table: int, number: int) -> Row:
    kind = arrow_type(column.type)
    found = pg.pg_type(kind)
    is_list = pg.list_element(kind) is not None
    row: dict[str, Any] = {
        "attrelid": table,
        "attname": column.name,
        "attnum": number,
        "attndims": int(is_list),
    }
    row |= {"atttypid": found.array_oid if is_list else found.oid, "attlen": -1 if is_list else found.size}
    row |= {"atttypmod": -1 if is_list else pg.modifier(kind), "attbyval": found.size in {1, 2, 4, 8}}
    row |= {"attalign": "i", "attstorage": "p", "attcompression": "", "attnotnull": False, "atthasdef": False}
    row |= {"atthasmissing": False, "attidentity": "", "attgenerated": "", "attisdropped": False}
    collation = _COLLATION if found is pg.TEXT else 0
    return row | {"attislocal": True, "attinhcount": 0, "attcollation": collation, "attstattarget": -1}


_PRECISION = {pg.INT2.oid: 16, pg.INT4.oid: 32, pg.INT8.oid: 64, pg.FLOAT4.oid: 24, pg.FLOAT8.oid: 53}


def _information_column(asker: Asker, column: VisibleColumn, number: int) -> dict[str, Any]:
    kind = arrow_type(column.type)
    found = pg.pg_type(kind)
    is_list, is_decimal = pg.list_element(kind) is not None, pa.types.is_decimal(kind)
    row: dict[str, Any] = {"column_name": column.name, "ordinal_position": number, "is_nullable": "YES"}
    row |= {"data_type": "ARRAY" if is_list else found.sql, "udt_catalog": asker.database}
    row |= {"udt_schema": PG_CATALOG, "udt_name": f"_{found.name}" if is_list else found.name}
    row |= {"numeric_precision": kind.precision if is_decimal else _PRECISION.get(found.oid)}
    row |= {"numeric_scale": kind.scale if is_decimal else 0 if found.category == "N" else None}
    row |= {"numeric_precision_radix": 10 if is_decimal else 2 if found.oid in _PRECISION else None}
    row |= {"datetime_precision": 6 if found.category == "D" else None, "dtd_identifier": str(number)}
    row |= {"is_self_referencing": "NO", "is_identity": "NO", "is_generated": "NEVER", "is_updatable": "NO"}
    return row
