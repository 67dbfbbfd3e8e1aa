"""What stands in memory where a value is NULL: nothing.

An engine writes no value where there is none, and hands the place on as it found it. What it finds there is
what that memory held before: a cell of a row that the row filter dropped, a part of a key. Arrow carries the
place along, and clients get it as it is. So it is overwritten before a batch leaves who may see hidden rows.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Validity = np.ndarray[Any, np.dtype[np.bool_]]

_BITS: Final = 8


def all_cleared(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give batches as they come, nothing under their NULLs."""
    return map(cleared, batches)


def cleared(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the same values, with zeros for whatever stands under a NULL, also inside of nested ones."""
    before = batch.columns
    columns = [_cleared(each) for each in before]
    if all(new is old for new, old in zip(columns, before, strict=True)):
        return batch
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _cleared(array: pa.Array) -> pa.Array:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        before = array.storage
        storage = _cleared(before)
        return array if storage is before else pa.ExtensionArray.from_storage(kind, storage)
    for is_of, clear in _NESTED:
        if is_of(kind):
            return clear(array)
    if array.null_count == 0 or pa.types.is_null(kind):
        return array
    if pa.types.is_boolean(kind):
        return _booleans(array)
    if _is_text(kind):
        return _texts(array)
    return _fixed(array) if _width(kind) else pa.array(array.to_pylist(), kind)


def _validity(array: pa.Array) -> Validity:
    bitmap = array.buffers()[0]
    return np.ones(len(array), np.bool_) if bitmap is None else _bits(bitmap, array)


def _bits(packed: pa.Buffer, array: pa.Array) -> Validity:
    end = array.offset + len(array)
    bits: Validity = np.unpackbits(np.frombuffer(packed, np.uint8), count=end, bitorder="little") != 0
    return bits[array.offset :]


def _bitmap(array: pa.Array) -> pa.Buffer | None:
    if array.null_count == 0:
        return None
    return _packed(_validity(array))


def _packed(bits: Validity) -> pa.Buffer:
    return pa.py_buffer(np.packbits(bits, bitorder="little"))


def _booleans(array: pa.Array) -> pa.Array:
    values = array.buffers()[1]
    if values is None:
        return array
    true = _bits(values, array) & _validity(array)
    return pa.Array.from_buffers(array.type, len(array), [_bitmap(array), _packed(true)])


def _fixed(array: pa.Array) -> pa.Array:
    """Values of one width, whatever they mean."""
    width, values = _width(array.type), array.buffers()[1]
    if values is None:
        return array
    place = np.dtype(f"V{width}")
    cells = np.frombuffer(values, place, count=len(array), offset=array.offset * width).copy()
    cells[~_validity(array)] = np.zeros(1, place)
    return pa.Array.from_buffers(array.type, len(array), [_bitmap(array), pa.py_buffer(cells)])


def _width(kind: pa.DataType) -> int:
    try:
        return int(kind.bit_width) // _BITS
    except ValueError:
        return 0


def _texts(array: pa.Array) -> pa.Array:
    """Texts of one piece: their letters stand side by side, those of a NULL among them if it has any."""
    dropped = array.drop_null()
    ends = _ends(pc.binary_length(array), array.type)
    letters = dropped.buffers()[2]
    first = _first_end(dropped)
    letters = None if letters is None else letters.slice(first, int(ends[-1]))
    return pa.Array.from_buffers(array.type, len(array), [_bitmap(array), pa.py_buffer(ends), letters])


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_large_binary(kind)
    )


def _first_end(texts: pa.Array) -> int:
    if len(texts) == 0:
        return 0
    return int(np.frombuffer(texts.buffers()[1], _end_type(texts.type))[texts.offset])


def _ends(lengths: pa.Array, kind: pa.DataType) -> np.ndarray[Any, Any]:
    """Return where each value begins, and where the last one ends; one that is NULL has no length."""
    known = pc.fill_null(lengths, pa.scalar(0, lengths.type))
    width = np.int64 if pa.types.is_int64(known.type) else np.int32
    each = np.frombuffer(known.buffers()[1], width)[known.offset : known.offset + len(known)]
    return np.concatenate(([0], np.cumsum(each))).astype(_end_type(kind))


def _end_type(kind: pa.DataType) -> type[np.int32] | type[np.int64]:
    is_large = (pa.types.is_large_list, pa.types.is_large_string, pa.types.is_large_binary)
    return np.int64 if any(each(kind) for each in is_large) else np.int32


def _structs(array: pa.Array) -> pa.Array:
    """Of a struct that is NULL, every part becomes NULL."""
    old = array.flatten()
    parts = [_cleared(each) for each in old]
    is_clear = array.null_count == 0 and all(a is b for a, b in zip(parts, old, strict=True))
    if is_clear or not parts:
        return array
    mask = _truths(~_validity(array)) if array.null_count else None
    return pa.StructArray.from_arrays(parts, fields=list(array.type), mask=mask)


def _lists(array: pa.Array) -> pa.Array:
    """A list that is NULL has no elements."""
    elements = array.flatten()
    clear = _cleared(elements)
    if array.null_count == 0 and clear is elements:
        return array
    ends = pa.py_buffer(_ends(pc.list_value_length(array), array.type))
    return pa.Array.from_buffers(array.type, len(array), [_bitmap(array), ends], children=[clear])


def _maps(array: pa.Array) -> pa.Array:
    kind = array.type
    pair = pa.struct([kind.key_field, kind.item_field])
    pairs = pa.StructArray.from_arrays([array.keys, array.items], fields=list(pair))
    plain = pa.Array.from_buffers(
        pa.list_(pa.field("entries", pair, nullable=False)),
        len(array),
        array.buffers()[:2],
        offset=array.offset,
        children=[pairs],
    )
    clear = _lists(plain)
    if clear is plain:
        return array
    pairs = pa.StructArray.from_arrays(
        clear.values.flatten(), fields=list(pair)
    )  # a map knows no offset of it
    return pa.Array.from_buffers(kind, len(array), clear.buffers()[:2], children=[pairs])


def _rows_of_lists(array: pa.Array) -> pa.Array:
    """Lists of one length: where one is NULL, so are its elements."""
    size = array.type.list_size
    elements = array.values.slice(array.offset * size, len(array) * size)
    clear = _cleared(_only_where(elements, np.repeat(_validity(array), size)))
    if clear is elements:
        return array
    return pa.Array.from_buffers(array.type, len(array), [_bitmap(array)], children=[clear])


def _unions(array: pa.Array) -> pa.Array:
    """Of the members beside each other, those that a row is not of are NULL there."""
    kind = array.type
    if kind.mode != "sparse":
        return pa.array(array.to_pylist(), kind)
    codes = np.frombuffer(array.buffers()[1], np.int8, count=len(array), offset=array.offset)
    members = [
        _cleared(_only_where(array.field(at), codes == code)) for at, code in enumerate(kind.type_codes)
    ]
    names = [kind.field(at).name for at in range(kind.num_fields)]
    return pa.UnionArray.from_sparse(_whole(pa.int8(), codes), members, names, list(kind.type_codes))


def _dictionaries(array: pa.Array) -> pa.Array:
    """A place in a dictionary is a number."""
    before = array.indices
    places = _cleared(before)
    return (
        array
        if places is before
        else pa.DictionaryArray.from_arrays(places, array.dictionary, ordered=array.type.ordered)
    )


def _only_where(array: pa.Array, wanted: Validity) -> pa.Array:
    if wanted.all():
        return array
    return array.take(_whole(pa.int64(), np.arange(len(array)), _packed(wanted)))


def _truths(values: Validity) -> pa.Array:
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, _packed(values)])


def _whole(kind: pa.DataType, values: np.ndarray[Any, Any], bitmap: pa.Buffer | None = None) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(values)])


_NESTED: Final = (
    (pa.types.is_struct, _structs),
    (pa.types.is_map, _maps),
    (pa.types.is_list, _lists),
    (pa.types.is_large_list, _lists),
    (pa.types.is_fixed_size_list, _rows_of_lists),
    (pa.types.is_union, _unions),
    (pa.types.is_dictionary, _dictionaries),
)
