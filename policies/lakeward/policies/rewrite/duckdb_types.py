"""Iceberg's types in DuckDB's words."""

from sqlglot import exp

from lakeward.catalog.types import DataType, ListType, MapType, PrimitiveType, StructType

_WORDS = {
    "boolean": "BOOLEAN",
    "int": "INT",
    "long": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "string": "TEXT",
    "uuid": "UUID",
    "fixed": "BLOB",
    "binary": "BLOB",
}


def duckdb_type(type_: DataType) -> exp.DataType:
    """Return the type in which DuckDB reads an Iceberg column."""
    return exp.DataType.build(_spelled(type_), dialect="duckdb")


def _spelled(type_: DataType) -> str:
    match type_:
        case PrimitiveType(name="decimal"):
            return f"DECIMAL({type_.precision}, {type_.scale})"
        case PrimitiveType():
            return _WORDS[type_.name]
        case ListType():
            return f"{_spelled(type_.element)}[]"
        case MapType():
            return f"MAP({_spelled(type_.key)}, {_spelled(type_.value)})"
        case StructType():
            fields = ", ".join(f"{_quoted(each.name)} {_spelled(each.type)}" for each in type_.fields)
            return f"STRUCT({fields})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
