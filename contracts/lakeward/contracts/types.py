"""Which types of a table keep what a contract says of a type.

Compatible is what a reader of the contract's type can read without a change: the same type, or one that
Iceberg promotes it to (int to long, float to double, a wider decimal).
"""

import re
from collections.abc import Mapping

from lakeward.catalog.types import DataType, ListType, MapType, PrimitiveType, StructType

_PRIMITIVES: Mapping[str, frozenset[str]] = {
    "string": frozenset({"string", "uuid"}),
    "date": frozenset({"date"}),
    "timestamp": frozenset({"timestamp", "timestamptz"}),
    "time": frozenset({"time"}),
    "number": frozenset({"int", "long", "float", "double", "decimal"}),
    "integer": frozenset({"int", "long"}),
    "boolean": frozenset({"boolean"}),
}
_NESTED: Mapping[str, type] = {"object": StructType, "array": ListType, "map": MapType, "vector": ListType}
_SPELLINGS: Mapping[str, str] = {
    "bool": "boolean", "boolean": "boolean",
    "int": "int", "integer": "int", "int4": "int", "int32": "int", "smallint": "int", "tinyint": "int",
    "long": "long", "bigint": "long", "int8": "long", "int64": "long",
    "float": "float", "real": "float", "float4": "float", "float32": "float",
    "double": "double", "double precision": "double", "float8": "double", "float64": "double",
    "decimal": "decimal", "numeric": "decimal",
    "date": "date", "time": "time",
    "timestamp": "timestamp", "timestamp_ntz": "timestamp", "datetime": "timestamp",
    "timestamp without time zone": "timestamp",
    "timestamptz": "timestamptz", "timestamp_tz": "timestamptz", "timestamp with time zone": "timestamptz",
    "string": "string", "varchar": "string", "text": "string", "char": "string",
    "character varying": "string",
    "uuid": "uuid", "binary": "binary", "bytes": "binary", "blob": "binary", "varbinary": "binary",
}  # fmt: skip
_SPELLED = re.compile(r"([a-z_0-9 ]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\Z")
_PROMOTED = frozenset({("int", "long"), ("float", "double")})


def logical_fits(logical: str, api_version: str, type_: DataType) -> bool:
    """Say whether a table's type keeps ODCS's logical type; before v3.1.0 `date` also meant a timestamp."""
    if logical in _NESTED:
        return isinstance(type_, _NESTED[logical])
    allowed = _PRIMITIVES.get(logical, frozenset())
    if logical == "date" and api_version.startswith("v3.0."):
        allowed |= _PRIMITIVES["timestamp"]
    return isinstance(type_, PrimitiveType) and type_.name in allowed


def physical_type(text: str) -> PrimitiveType | None:
    """Read a physical type as databases spell it (`VARCHAR(26)`, `bigint`); None when it is not known."""
    spelled = _SPELLED.match(text.strip().lower())
    name = _SPELLINGS.get(spelled[1]) if spelled else None
    if spelled is None or name is None:
        return None
    if name != "decimal":
        return PrimitiveType(name)
    return PrimitiveType(name, precision=int(spelled[2] or 38), scale=int(spelled[3] or 0))


def physical_fits(agreed: PrimitiveType, held: DataType) -> bool:
    """Say whether a table's type is the agreed one, or one that Iceberg promotes it to."""
    if not isinstance(held, PrimitiveType):
        return False
    if agreed.name == held.name == "decimal":
        return agreed.scale == held.scale and (held.precision or 0) >= (agreed.precision or 0)
    return agreed.name == held.name or (agreed.name, held.name) in _PROMOTED
