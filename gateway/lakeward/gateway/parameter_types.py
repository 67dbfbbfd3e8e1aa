"""The types of parameters that nobody gave one: those of what they stand beside."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyarrow as pa
from sqlglot import exp

from lakeward.catalog.types import DataType, PrimitiveType
from lakeward.policies.admit.parameters import parameters_of
from lakeward.policies.decision import ReadRestrictions

_BESIDE = (
    exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Like, exp.ILike, exp.Add,
    exp.Sub, exp.Mul, exp.Div, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Any, exp.Tuple, exp.Coalesce,
)  # fmt: skip
_WRAPPERS = (exp.Paren, exp.Neg, exp.Any, exp.Tuple, exp.Array)
_OF_TABLE: Final = {
    "boolean": pa.bool_(), "int": pa.int32(), "long": pa.int64(), "float": pa.float32(),
    "double": pa.float64(), "date": pa.date32(), "time": pa.time64("us"), "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"), "string": pa.string(), "uuid": pa.uuid(),
    "fixed": pa.binary(), "binary": pa.binary(),
}  # fmt: skip
_OF_CAST: Final = {
    exp.DType.BOOLEAN: pa.bool_(), exp.DType.TINYINT: pa.int8(), exp.DType.SMALLINT: pa.int16(),
    exp.DType.INT: pa.int32(), exp.DType.BIGINT: pa.int64(), exp.DType.FLOAT: pa.float32(),
    exp.DType.DOUBLE: pa.float64(), exp.DType.DATE: pa.date32(), exp.DType.TIME: pa.time64("us"),
    exp.DType.TIMESTAMP: pa.timestamp("us"), exp.DType.TIMESTAMPNTZ: pa.timestamp("us"),
    exp.DType.TIMESTAMPTZ: pa.timestamp("us", tz="UTC"), exp.DType.UUID: pa.uuid(),
    exp.DType.VARBINARY: pa.binary(), exp.DType.BINARY: pa.binary(),
}  # fmt: skip
_LIKE_THEIR_FIRST = (exp.Neg, exp.Min, exp.Max, exp.Abs, exp.Coalesce, exp.Add, exp.Sub, exp.Mul)
_RESULTS: Final = (
    (exp.Count, pa.int64()), (exp.Lower, pa.string()), (exp.Upper, pa.string()), (exp.Trim, pa.string()),
    (exp.Substring, pa.string()), (exp.Length, pa.int64()),
)  # fmt: skip

Columns = Mapping[str, pa.DataType]


def infer_types(
    tree: exp.Query, given: Sequence[pa.DataType | None], tables: Iterable[ReadRestrictions]
) -> tuple[pa.DataType, ...]:
    """Complete the given types: by a cast, by what the parameter is compared with, else text.

    Args:
        tree: The admitted query with its parameters still open.
        given: By index; None, or a missing end, where the type is not known.
        tables: What the principal may read; no other column lends its type.
    """
    columns = _columns(tables)
    found: dict[int, pa.DataType] = {i: each for i, each in enumerate(given) if each is not None}
    most = len(given)
    for place, index in parameters_of(tree):
        most = max(most, index + 1)
        if index not in found and (type_ := _type_at(place, columns)) is not None:
            found[index] = type_
    return tuple(found.get(index, pa.string()) for index in range(most))


def _columns(tables: Iterable[ReadRestrictions]) -> Columns:
    """Return the visible columns whose name has one type in all tables."""
    found: dict[str, set[pa.DataType]] = {}
    for restrictions in tables:
        for each in restrictions.visible_columns:
            if (type_ := _arrow_type(each.type)) is not None:
                found.setdefault(each.name.casefold(), set()).add(type_)
    return {name: next(iter(types)) for name, types in found.items() if len(types) == 1}


def _arrow_type(type_: DataType) -> pa.DataType | None:
    match type_:
        case PrimitiveType(name="decimal"):
            return pa.decimal128(type_.precision or 38, type_.scale or 0)
        case PrimitiveType():
            return _OF_TABLE.get(type_.name)
        case _:
            return None


def _type_at(place: exp.Expr, columns: Columns) -> pa.DataType | None:
    node, parent = place, place.parent
    is_list = False
    while isinstance(parent, _WRAPPERS) and not isinstance(parent, exp.Tuple):
        is_list |= isinstance(parent, exp.Any)
        node, parent = parent, parent.parent
    if isinstance(parent, exp.Cast | exp.TryCast):
        return _cast_type(parent.to)
    if isinstance(parent, exp.Limit | exp.Offset):
        return pa.int64()
    if not isinstance(parent, _BESIDE):
        return None
    others = [each for each in parent.iter_expressions() if each is not node]
    beside = next((type_ for each in others if (type_ := _type_of(each, columns)) is not None), None)
    return pa.list_(beside) if is_list and beside is not None else beside


def _cast_type(type_: exp.DataType) -> pa.DataType | None:
    if type_.this is exp.DType.DECIMAL:
        sizes = [int(each.name) for each in type_.expressions if each.name.isdigit()]
        precision, scale = (*sizes, 18, 3)[:2] if len(sizes) != 1 else (sizes[0], 0)
        return pa.decimal128(precision, scale) if 0 < precision <= 38 else None  # noqa: PLR2004
    if type_.this is exp.DType.ARRAY and type_.expressions:
        element = _cast_type(type_.expressions[0])
        return None if element is None else pa.list_(element)
    return _OF_CAST.get(type_.this, pa.string())


def _type_of(node: exp.Expr, columns: Columns) -> pa.DataType | None:
    node = node.unnest()
    if isinstance(node, exp.Column):
        return columns.get(node.name.casefold())
    if isinstance(node, exp.Cast | exp.TryCast):
        return _cast_type(node.to)
    if isinstance(node, exp.Literal):
        return _literal_type(node)
    if isinstance(node, _LIKE_THEIR_FIRST):
        return _type_of(node.this, columns)
    return next((type_ for kind, type_ in _RESULTS if isinstance(node, kind)), None)


def _literal_type(node: exp.Literal) -> pa.DataType:
    if node.is_string:
        return pa.string()
    return pa.int64() if node.is_int else pa.float64()
