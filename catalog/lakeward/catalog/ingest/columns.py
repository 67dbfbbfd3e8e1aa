"""Arrow columns as a table can hold them: names checked, types brought to the ones that Iceberg has."""

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from lakeward.catalog.errors import InputError
from lakeward.catalog.types import DataType, Field, ListType, MapType, StructType

_NAME = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_ ()/%#+-]{0,126}[A-Za-z0-9_()/%#+-])?\Z")
_MAX_DECIMAL = 38


class UnsupportedColumnError(InputError):
    """A column that a table cannot hold."""

    code = "unsupported-column"

    def __init__(self, place: str, what: str) -> None:
        super().__init__(
            f"{place} {what}.",
            hint="A column's name is letters, digits, underscores, spaces and ()/%#+-, starts with a letter "
            "or "
            "underscore, and differs from the others in more than case.",
        )


class UnfittingValueError(InputError):
    """A value that its column's type cannot hold. The value itself is not shown."""

    code = "unfitting-value"

    def __init__(self, path: str, type_: str) -> None:
        super().__init__(
            f"Column {path!r} holds a value that does not fit {type_} without loss.",
            hint="Convert the column in the source, or import it into a column of another type.",
        )


def check_names(fields: Iterable[Field]) -> None:
    """Check the names of columns and of what is nested in them.

    Raises:
        UnsupportedColumnError: A name is not allowed, or two differ only in case.
    """
    seen: dict[str, int] = {}
    for position, field in enumerate(fields, 1):
        if not _NAME.match(
            field.name
        ):  # the position, not the name: a file without a header gives a value as name
            raise UnsupportedColumnError(f"Column {position}", "has a name that is not allowed")
        before = seen.setdefault(field.name.casefold(), position)
        if before != position:
            raise UnsupportedColumnError(
                f"Columns {before} and {position}", "have the same name but for case"
            )
        _check_nested(field.type)


def _check_nested(type_: DataType) -> None:
    match type_:
        case StructType(fields):
            check_names(fields)
        case ListType(_, element):
            _check_nested(element)
        case MapType(_, key, _, value):
            _check_nested(key)
            _check_nested(value)
        case _:
            return


def check_arrow_names(schema: pa.Schema) -> None:
    """Check the names of Arrow columns, nested ones too, before anything is made of them."""
    check_names([Field(0, each.name, _names_only(each.type)) for each in schema])


def _names_only(type_: pa.DataType) -> DataType:
    from lakeward.catalog.types import PrimitiveType  # noqa: PLC0415

    if pa.types.is_struct(type_):
        return StructType(tuple(Field(0, each.name, _names_only(each.type)) for each in type_))
    if pa.types.is_map(type_):
        return MapType(0, _names_only(type_.key_type), 0, _names_only(type_.item_type))
    if is_list(type_):
        return ListType(0, _names_only(type_.value_type))
    return PrimitiveType("string")


def lake_schema(schema: pa.Schema) -> pa.Schema:
    """Bring an Arrow schema to the types that Iceberg has, without field-ids or other metadata.

    Raises:
        UnsupportedColumnError: A name or a type cannot be held.
    """
    check_arrow_names(schema)
    return pa.schema([pa.field(each.name, lake_type(each.type, each.name), each.nullable) for each in schema])


def lake_type(type_: pa.DataType, path: str) -> pa.DataType:
    """Bring one Arrow type to one that Iceberg has: whole microseconds, 32 and 64 bit, UTC.

    Raises:
        UnsupportedColumnError: There is none.
    """
    if isinstance(type_, pa.BaseExtensionType):
        return lake_type(type_.storage_type, path)
    if pa.types.is_dictionary(type_):
        return lake_type(type_.value_type, path)
    if pa.types.is_nested(type_):
        return _nested_type(type_, path)
    for test, target in _TARGETS:
        if test(type_):
            return target(type_) if callable(target) else target
    raise UnsupportedColumnError(f"Column {path!r}", f"has the type {type_}, which a table cannot hold")


def _nested_type(type_: pa.DataType, path: str) -> pa.DataType:
    if pa.types.is_struct(type_):
        if not type_.num_fields:
            raise UnsupportedColumnError(f"Column {path!r}", "is a struct without fields")
        return pa.struct([pa.field(f.name, lake_type(f.type, f"{path}.{f.name}"), f.nullable) for f in type_])
    if pa.types.is_map(type_):
        return pa.map_(lake_type(type_.key_type, f"{path}.key"), lake_type(type_.item_type, f"{path}.value"))
    if is_list(type_):
        return pa.list_(pa.field("element", lake_type(type_.value_type, f"{path}.element"), nullable=True))
    raise UnsupportedColumnError(f"Column {path!r}", f"has the type {type_}, which a table cannot hold")


def is_list(type_: pa.DataType) -> bool:
    """Whether an Arrow type is a list of any kind."""
    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list, pa.types.is_list_view)
    return any(bool(test(type_)) for test in (*kinds, pa.types.is_large_list_view))


def _is_small(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_)) and (
        type_.bit_width < pa.int32().bit_width or type_ == pa.int32()
    )


def _is_text(type_: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)
    )


def _is_bytes(type_: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_binary_view(type_)
    )


def _is_decimal(type_: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(type_)) and 0 <= type_.scale <= type_.precision <= _MAX_DECIMAL


_TARGETS = (
    (pa.types.is_boolean, pa.bool_()),
    (_is_small, pa.int32()),
    (pa.types.is_integer, pa.int64()),
    (pa.types.is_float16, pa.float32()),
    (pa.types.is_float32, pa.float32()),
    (pa.types.is_float64, pa.float64()),
    (_is_decimal, lambda type_: pa.decimal128(type_.precision, type_.scale)),
    (_is_text, pa.string()),
    (_is_bytes, pa.binary()),
    (pa.types.is_fixed_size_binary, lambda type_: pa.binary(type_.byte_width)),
    (pa.types.is_date, pa.date32()),
    (pa.types.is_time, pa.time64("us")),
    (pa.types.is_timestamp, lambda type_: pa.timestamp("us", "UTC" if type_.tz else None)),
    (pa.types.is_null, pa.string()),
)


def slim(schema: pa.Schema) -> pa.Schema:
    """Spell a schema of pyiceberg's with 32-bit offsets, as sources come; field-ids stay."""
    return pa.schema([_slim_field(each) for each in schema])


def _slim_field(field: pa.Field) -> pa.Field:
    return field.with_type(_slim_type(field.type))


def _slim_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_large_string(type_):
        return pa.string()
    if pa.types.is_large_binary(type_):
        return pa.binary()
    if pa.types.is_struct(type_):
        return pa.struct([_slim_field(each) for each in type_])
    if pa.types.is_map(type_):
        return pa.map_(_slim_field(type_.key_field), _slim_field(type_.item_field))
    return pa.list_(_slim_field(type_.value_field)) if is_list(type_) else type_


def fit(batch: pa.RecordBatch, target: pa.Schema) -> pa.RecordBatch:
    """Bring a batch to a table's columns: by name in whatever case, absent ones NULL, types cast safely.

    Raises:
        UnfittingValueError: A value would be lost or changed by the cast, or a required one is missing.
    """
    columns = {name.casefold(): batch.column(index) for index, name in enumerate(batch.schema.names)}
    fitted = []
    for field in target:
        column = columns.get(field.name.casefold())
        array = pa.nulls(batch.num_rows, field.type) if column is None else _cast(column, field)
        if not field.nullable and array.null_count:
            raise UnfittingValueError(field.name, "a required column")
        fitted.append(array)
    return pa.RecordBatch.from_arrays(fitted, schema=target)


def _cast(column: pa.Array, field: pa.Field) -> pa.Array:
    array = column.storage if isinstance(column, pa.ExtensionArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if array.type == field.type:
        return array
    try:
        return pc.cast(array, field.type, safe=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise UnfittingValueError(field.name, str(field.type)) from None
