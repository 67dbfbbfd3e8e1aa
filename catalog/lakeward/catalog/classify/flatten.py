"""Nested columns as leaves with dotted paths, as tags name them: `address.zip`, `codes.element`."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lakeward.catalog.classify.column import Column

_Values = Any  # an array, or None; pyarrow ships no types


def flatten(schema: pa.Schema, table: pa.Table | None) -> list[Column]:
    """Give every leaf of a schema as a column, with its values when a table is given."""
    leaves = []
    for index, field in enumerate(schema):
        values = _array(table.column(index)) if table is not None else None
        leaves += [Column(path, type_, each) for path, type_, each in _leaves(field.name, field.type, values)]
    return leaves


def _array(values: pa.ChunkedArray) -> pa.Array:
    whole = values.combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _leaves(path: str, type_: pa.DataType, values: _Values) -> Iterator[tuple[str, pa.DataType, _Values]]:
    if pa.types.is_struct(type_) and type_.num_fields:
        for field in type_:
            inner = None if values is None else pc.struct_field(values, field.name)
            yield from _leaves(f"{path}.{field.name}", field.type, inner)
    elif pa.types.is_map(type_):
        keys, items = (None, None) if values is None else (values.keys, values.items)
        yield from _leaves(f"{path}.key", type_.key_type, keys)
        yield from _leaves(f"{path}.value", type_.item_type, items)
    elif pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        if pa.types.is_floating(
            type_.value_type
        ):  # a vector: an embedding, a signal; its numbers alone say nothing
            yield path, type_, values
            return
        inner = None if values is None else pc.list_flatten(values)
        yield from _leaves(f"{path}.element", type_.value_type, inner)
    else:
        yield path, type_, values
