"""`contract init`: a contract for a table that exists, from its pinned schema and tags; it holds no cell."""

import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.types import DataType, Field, ListType, MapType, PrimitiveType, StructType
from lakeward.contracts.errors import ContractExistsError, ContractNotWrittenError

API_VERSION = "v3.1.0"
_LOGICAL: Mapping[str, str] = {
    "boolean": "boolean", "int": "integer", "long": "integer", "float": "number", "double": "number",
    "decimal": "number", "date": "date", "time": "time", "timestamp": "timestamp", "timestamptz": "timestamp",
    "string": "string", "uuid": "string",
}  # fmt: skip
_NOT_ID = re.compile(r"[^A-Za-z0-9_-]")


def contract_skeleton(table: PinnedTable) -> str:
    """Write the YAML of a contract that the table keeps: its columns, types, field-ids and tags."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - not needed until a file is written

    writer = YAML()
    writer.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    writer.dump(_document(table), text)
    return text.getvalue()


def write_contract(path: Path, text: str) -> None:
    """Write a new contract file, with the folder it is to stand in.

    Raises:
        ContractExistsError: A file stands there; it is left as it is.
        ContractNotWrittenError: The place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ContractExistsError(str(path)) from None
    except OSError:
        raise ContractNotWrittenError(str(path)) from None


def _document(table: PinnedTable) -> dict[str, Any]:
    rows = {"id": "not_empty", "metric": "rowCount", "mustBeGreaterThan": 0, "severity": "error"}
    described = {
        "name": table.name.table,
        "physicalName": str(table.name),
        "properties": [_column(each) for each in table.columns],
        "quality": [rows],
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": _NOT_ID.sub("-", str(table.name)),
        "version": "0.1.0",
        "status": "draft",
        **({"tags": sorted(table.tags)} if table.tags else {}),
        "schema": [described],
    }


def _column(column: PinnedColumn) -> dict[str, Any]:
    tags = {"tags": sorted(column.tags)} if column.tags else {}
    field_id = {"property": "icebergFieldId", "value": column.field_id}
    return {**_property(column.field), **tags, "customProperties": [field_id]}


def _property(field: Field) -> dict[str, Any]:
    return {"name": field.name, **dict(_type(field.type)), **({"required": True} if field.required else {})}


def _type(type_: DataType) -> Iterator[tuple[str, Any]]:
    match type_:
        case PrimitiveType():
            if type_.name in _LOGICAL:
                yield "logicalType", _LOGICAL[type_.name]
            yield "physicalType", str(type_)
        case ListType():
            yield "logicalType", "array"
            yield "items", dict(_type(type_.element))
        case StructType():
            yield "logicalType", "object"
            yield "properties", [_property(each) for each in type_.fields]
        case MapType():
            yield "physicalType", str(type_)
