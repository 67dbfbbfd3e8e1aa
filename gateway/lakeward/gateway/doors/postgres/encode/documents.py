"""Structs, maps, unions and nested lists as JSON, which every client of PostgreSQL reads."""

import json
from typing import Any

import pyarrow as pa

from lakeward.gateway.doors.values import named, values_of


def json_texts(column: pa.Array) -> pa.Array:
    """Give each cell as a JSON document; NULL stays NULL."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.cast(pa.binary())
    kind, values = named(column.type), values_of(column)
    return pa.array([None if each is None else _json(each, kind).encode() for each in values], pa.binary())


def _json(value: Any, kind: pa.DataType) -> str:  # noqa: ANN401 - any cell
    return json.dumps(_jsonable(value, kind), ensure_ascii=False, separators=(",", ":"), default=str)


def _jsonable(value: Any, kind: pa.DataType) -> Any:  # noqa: ANN401 - any cell
    """Give what JSON can say: a map whose keys are texts becomes an object, bytes become hexadecimal."""
    if value is None or not pa.types.is_nested(kind) or pa.types.is_union(kind):
        return f"\\x{value.hex()}" if isinstance(value, bytes) else value
    if pa.types.is_map(kind):
        return {str(key): _jsonable(each, kind.item_type) for key, each in value}
    if pa.types.is_struct(kind):
        return {each.name: _jsonable(value[each.name], each.type) for each in kind}
    return [_jsonable(each, kind.value_type) for each in value]
