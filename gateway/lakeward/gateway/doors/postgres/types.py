"""Arrow's types as PostgreSQL's, with the numbers that its clients know them by.

Source of the numbers: PostgreSQL's `pg_type.dat`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from lakeward.gateway.doors.postgres.messages import ColumnShape

_NUMERIC_HEADER = 4


@dataclass(frozen=True, slots=True)
class PgType:
    """One type: its name in SQL, its numbers, its length in bytes (-1 where it varies), its category."""

    name: str
    oid: int
    size: int
    array_oid: int
    category: str
    sql: str


BOOL = PgType("bool", 16, 1, 1000, "B", "boolean")
BYTEA = PgType("bytea", 17, -1, 1001, "U", "bytea")
CHAR = PgType("char", 18, 1, 1002, "Z", '"char"')
NAME = PgType("name", 19, 64, 1003, "S", "name")
INT8 = PgType("int8", 20, 8, 1016, "N", "bigint")
INT2 = PgType("int2", 21, 2, 1005, "N", "smallint")
INT4 = PgType("int4", 23, 4, 1007, "N", "integer")
TEXT = PgType("text", 25, -1, 1009, "S", "text")
OID = PgType("oid", 26, 4, 1028, "N", "oid")
JSON = PgType("json", 114, -1, 199, "U", "json")
FLOAT4 = PgType("float4", 700, 4, 1021, "N", "real")
FLOAT8 = PgType("float8", 701, 8, 1022, "N", "double precision")
UNKNOWN = PgType("unknown", 705, -2, 0, "X", "unknown")
BPCHAR = PgType("bpchar", 1042, -1, 1014, "S", "character")
VARCHAR = PgType("varchar", 1043, -1, 1015, "S", "character varying")
DATE = PgType("date", 1082, 4, 1182, "D", "date")
TIME = PgType("time", 1083, 8, 1183, "D", "time without time zone")
TIMESTAMP = PgType("timestamp", 1114, 8, 1115, "D", "timestamp without time zone")
TIMESTAMPTZ = PgType("timestamptz", 1184, 8, 1185, "D", "timestamp with time zone")
INTERVAL = PgType("interval", 1186, 16, 1187, "T", "interval")
NUMERIC = PgType("numeric", 1700, -1, 1231, "N", "numeric")
UUID = PgType("uuid", 2950, 16, 2951, "U", "uuid")
JSONB = PgType("jsonb", 3802, -1, 3807, "U", "jsonb")
REGCLASS = PgType("regclass", 2205, 4, 2210, "N", "regclass")
REGTYPE = PgType("regtype", 2206, 4, 2211, "N", "regtype")

TYPES = (
    BOOL, BYTEA, CHAR, NAME, INT8, INT2, INT4, TEXT, OID, JSON, FLOAT4, FLOAT8, UNKNOWN, BPCHAR, VARCHAR,
    DATE, TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL, NUMERIC, UUID, JSONB, REGCLASS, REGTYPE,
)  # fmt: skip
BY_OID = {each.oid: each for each in TYPES}
BY_ARRAY_OID = {each.array_oid: each for each in TYPES if each.array_oid}
_PARAMETERS: dict[int, pa.DataType] = {
    BOOL.oid: pa.bool_(), BYTEA.oid: pa.binary(), CHAR.oid: pa.string(), NAME.oid: pa.string(), INT8.oid:
    pa.int64(), INT2.oid: pa.int16(), INT4.oid: pa.int32(), TEXT.oid: pa.string(), OID.oid: pa.int64(),
    JSON.oid: pa.string(), JSONB.oid: pa.string(), FLOAT4.oid: pa.float32(), FLOAT8.oid: pa.float64(),
    UNKNOWN.oid: pa.string(), BPCHAR.oid: pa.string(), VARCHAR.oid: pa.string(), DATE.oid: pa.date32(),
    TIME.oid: pa.time64("us"), TIMESTAMP.oid: pa.timestamp("us"), TIMESTAMPTZ.oid: pa.timestamp("us",
    "UTC"), INTERVAL.oid: pa.month_day_nano_interval(), NUMERIC.oid: pa.decimal128(38, 10), UUID.oid:
    pa.string(), REGCLASS.oid: pa.string(), REGTYPE.oid: pa.string(),
}  # fmt: skip

_EXACT: dict[pa.DataType, PgType] = {
    pa.bool_(): BOOL, pa.int8(): INT2, pa.int16(): INT2, pa.uint8(): INT2, pa.int32(): INT4, pa.uint16():
    INT4, pa.int64(): INT8, pa.uint32(): OID, pa.uint64(): NUMERIC, pa.float16(): FLOAT4, pa.float32():
    FLOAT4, pa.float64(): FLOAT8, pa.date32(): DATE, pa.date64(): DATE, pa.null(): TEXT,
    pa.month_day_nano_interval(): INTERVAL, pa.uuid(): UUID, pa.json_(): JSON,
}  # fmt: skip
_KINDS: tuple[tuple[Callable[[pa.DataType], bool], PgType], ...] = (
    (pa.types.is_decimal, NUMERIC),
    (pa.types.is_time, TIME),
    (pa.types.is_duration, INTERVAL),
    (lambda kind: pa.types.is_timestamp(kind) and kind.tz is None, TIMESTAMP),
    (pa.types.is_timestamp, TIMESTAMPTZ),
    (pa.types.is_fixed_size_binary, BYTEA),
    (pa.types.is_binary, BYTEA),
    (pa.types.is_large_binary, BYTEA),
    (pa.types.is_binary_view, BYTEA),
    (pa.types.is_nested, JSON),
)


@cache
def pg_type(kind: pa.DataType) -> PgType:
    """Give the type under which values of an Arrow type go out; of a list, the type of its elements."""
    if pa.types.is_dictionary(kind):
        return pg_type(kind.value_type)
    if element := list_element(kind):
        return pg_type(element)
    if found := _EXACT.get(kind):
        return found
    return next((found for test, found in _KINDS if test(kind)), TEXT)


def list_element(kind: pa.DataType) -> pa.DataType | None:
    """Give the type of the elements of a list of scalars; None of anything else."""
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return kind.value_type if is_list and not pa.types.is_nested(kind.value_type) else None


def shape(field: pa.Field) -> ColumnShape:
    """Describe a column of an answer."""
    found = pg_type(field.type)
    if list_element(field.type):
        return ColumnShape(field.name, found.array_oid, -1)
    return ColumnShape(field.name, found.oid, found.size, modifier(field.type))


def modifier(kind: pa.DataType) -> int:
    """Give PostgreSQL's `atttypmod`: digits and scale of a number, else -1."""
    if pa.types.is_decimal(kind):
        return int((kind.precision << 16) | kind.scale) + _NUMERIC_HEADER
    return -1


def parameter_type(oid: int) -> pa.DataType | None:
    """Give the Arrow type of a parameter; None where the client leaves it open or we do not know it."""
    if element := BY_ARRAY_OID.get(oid):
        inner = _PARAMETERS.get(element.oid)
        return pa.list_(inner) if inner else None
    return None if oid == UNKNOWN.oid else _PARAMETERS.get(oid)


def parameter_oid(kind: pa.DataType | None) -> int:
    """Give the number under which a parameter is described to the client."""
    if kind is None:
        return TEXT.oid
    found = pg_type(kind)
    return found.array_oid if list_element(kind) else found.oid
