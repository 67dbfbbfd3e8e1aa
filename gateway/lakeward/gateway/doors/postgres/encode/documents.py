"""Structs, maps, unions and nested lists as JSON, which every client of PostgreSQL reads."""

import json
from typing import Any

import pyarrow as pa


def json_texts(column: pa.Array) -> pa.Array:
    """Give each cell as a JSON document; NULL stays NULL."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.cast(pa.binary())
    kind = _named(column.type)
    values = (column if kind == column.type else column.view(kind)).to_pylist()
    return pa.array([None if each is None else _json(each, kind).encode() for each in values], pa.binary())


def _named(kind: pa.DataType) -> pa.DataType:
    """Call the fields of a struct that has no names for them `f1`, `f2`, as `row_to_json` does."""
    if pa.types.is_struct(kind):
        names = [each.name for each in kind]
        if "" in names or len(set(names)) < len(names):
            names = [f"f{number}" for number in range(1, len(names) + 1)]
        return pa.struct([(name, _named(each.type)) for name, each in zip(names, kind, strict=True)])
    if pa.types.is_map(kind):
        return pa.map_(_named(kind.key_type), _named(kind.item_type))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_named(kind.value_type), kind.list_size)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        make = pa.large_list if pa.types.is_large_list(kind) else pa.list_
        return make(_named(kind.value_type))
    return kind


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
