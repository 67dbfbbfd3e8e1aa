"""Values of Arrow as Python's own, where Python has them."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def values_of(column: pa.Array) -> list[Any]:
    """Give a column's values; of moments that Python has none for, at whatever depth, the texts.

    A struct whose fields have no names of their own calls them `f1`, `f2`.
    """
    kind = named(column.type)
    column = column if kind == column.type else column.view(kind)
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        return _in_parts(column)
    return values


def named(kind: pa.DataType) -> pa.DataType:
    """Call the fields of a struct that has no names for them `f1`, `f2`, as `row_to_json` does."""
    if pa.types.is_struct(kind):
        names = [each.name for each in kind]
        if "" in names or len(set(names)) < len(names):
            names = [f"f{number}" for number in range(1, len(names) + 1)]
        return pa.struct([(name, named(each.type)) for name, each in zip(names, kind, strict=True)])
    if pa.types.is_map(kind):
        return pa.map_(named(kind.key_type), named(kind.item_type))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(named(kind.value_type), kind.list_size)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        make = pa.large_list if pa.types.is_large_list(kind) else pa.list_
        return make(named(kind.value_type))
    return kind


def _in_parts(column: pa.Array) -> list[Any]:
    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        return values_of(column.storage)
    if pa.types.is_struct(kind):
        return _structs(column)
    if pa.types.is_map(kind):
        pairs = (None if not each.is_valid else each.values.flatten() for each in column)
        return [None if each is None else list(zip(*map(values_of, each), strict=True)) for each in pairs]
    if pa.types.is_union(kind):
        return [values_of(pa.repeat(each.value, 1))[0] for each in column]
    if pa.types.is_nested(kind):  # a list of some sort
        return [values_of(each.values) if each.is_valid else None for each in column]
    texts: list[Any] = pc.cast(column, pa.string()).to_pylist()
    return texts


def _structs(column: pa.StructArray) -> list[Any]:
    names, parts = [each.name for each in column.type], [values_of(each) for each in column.flatten()]
    rows = zip(*parts, strict=True)
    valid = column.is_valid().to_pylist()
    return [dict(zip(names, row, strict=True)) if ok else None for ok, row in zip(valid, rows, strict=True)]
