"""Values of parameters as typed nodes of a tree."""

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
from sqlglot import exp

from lakeward.gateway.errors import ParameterTypeError

_PLAIN: Final[tuple[tuple[Callable[[pa.DataType], bool], str], ...]] = (
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_int8, "TINYINT"),
    (pa.types.is_int16, "SMALLINT"),
    (pa.types.is_int32, "INT"),
    (pa.types.is_int64, "BIGINT"),
    (pa.types.is_uint8, "UTINYINT"),
    (pa.types.is_uint16, "USMALLINT"),
    (pa.types.is_uint32, "UINTEGER"),
    (pa.types.is_uint64, "UBIGINT"),
    (pa.types.is_float32, "FLOAT"),
    (pa.types.is_float64, "DOUBLE"),
    (pa.types.is_string, "TEXT"),
    (pa.types.is_large_string, "TEXT"),
    (pa.types.is_binary, "BLOB"),
    (pa.types.is_large_binary, "BLOB"),
    (pa.types.is_date32, "DATE"),
    (pa.types.is_time, "TIME"),
    (pa.types.is_interval, "INTERVAL"),
    (pa.types.is_null, "TEXT"),
)
_MOST_DIGITS = 38
_ORDINARY = frozenset("\t\n\r ")
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})


def typed_literals(values: Sequence[pa.Scalar]) -> list[exp.Expr]:
    """Return each value as a literal under a cast to its own type.

    Raises:
        ParameterTypeError: A value's type, or the value in it, is none that the engine takes.
    """
    return [_typed(value, number) for number, value in enumerate(values, 1)]


def typed_nulls(types: Sequence[pa.DataType]) -> list[exp.Expr]:
    """Return, for each type, a NULL of that type: it stands for a value that is not known yet.

    Raises:
        ParameterTypeError: A type is none that the engine takes.
    """
    return [_cast(exp.null(), _type(each, number)) for number, each in enumerate(types, 1)]


def parameters_key(values: Sequence[pa.Scalar]) -> Hashable:
    """Return what tells one list of values from another; it stays in memory and goes to no log."""
    return tuple((str(each.type), repr(each.as_py())) for each in values)


def _typed(value: pa.Scalar, number: int) -> exp.Expr:
    type_ = _type(value.type, number)
    if not value.is_valid:
        return _cast(exp.null(), type_)
    try:
        return _cast(_literal(value), type_)
    except (ValueError, OverflowError, ArithmeticError, TypeError, pa.ArrowException):
        raise ParameterTypeError(number, str(value.type)) from None  # its own text would quote the value


def _cast(node: exp.Expr, type_: exp.DataType) -> exp.Expr:
    return exp.Cast(this=node, to=type_)


def _type(type_: pa.DataType, number: int) -> exp.DataType:
    word = _word(type_)
    if word is None:
        raise ParameterTypeError(number, str(type_))
    return exp.DataType.build(word, dialect="duckdb")


def _word(type_: pa.DataType) -> str | None:
    if pa.types.is_decimal(type_) and type_.precision <= _MOST_DIGITS and 0 <= type_.scale <= type_.precision:
        return f"DECIMAL({type_.precision}, {type_.scale})"
    if pa.types.is_timestamp(type_):
        return "TIMESTAMPTZ" if type_.tz else "TIMESTAMP"
    if isinstance(type_, pa.UuidType):
        return "UUID"
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        element = None if pa.types.is_nested(type_.value_type) else _word(type_.value_type)
        return f"{element}[]" if element else None
    return next((word for is_of, word in _PLAIN if is_of(type_)), None)


def _literal(value: pa.Scalar) -> exp.Expr:
    type_ = value.type
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        elements = [_literal(each) if each.is_valid else exp.null() for each in value.values]
        return exp.Array(expressions=elements)
    if pa.types.is_timestamp(type_):
        value = value.cast(pa.timestamp("us", tz="UTC" if type_.tz else None))
    elif pa.types.is_time(type_):
        value = value.cast(pa.time64("us"))
    return _plain(value.as_py())


def _plain(found: Any) -> exp.Expr:  # noqa: ANN401 - whatever Arrow makes of a scalar
    match found:
        case bool():
            return exp.Boolean(this=found)
        case str():
            return _text(found)
        case Decimal():
            return _number(f"{found:f}")
        case pa.MonthDayNano():
            months, days, nanoseconds = found
            return exp.Literal.string(f"{months} months {days} days {nanoseconds // 1000} microseconds")
        case int() | float() if math.isfinite(found):
            return _number(repr(found))
        case _:
            return exp.Literal.string(_spelled(found))


def _spelled(found: object) -> str:
    if isinstance(found, bytes):
        return "".join(f"\\x{byte:02X}" for byte in found)
    return found.isoformat() if isinstance(found, dt.date | dt.time) else str(found)


def _number(text: str) -> exp.Expr:
    literal = exp.Literal.number(text.removeprefix("-"))
    return exp.Neg(this=literal) if text.startswith("-") else literal


def _text(text: str) -> exp.Expr:
    """Write a text; characters that two lexers may read in two ways are spelled by their numbers."""
    if text.isascii() and text.isprintable():
        return exp.Literal.string(text)
    parts: list[exp.Expr] = []
    run = ""
    for character in text:
        if character not in _ORDINARY and unicodedata.category(character) in _REFUSED:
            parts += [exp.Literal.string(run), exp.Chr(expressions=[exp.Literal.number(_code(character))])]
            run = ""
        else:
            run += character
    if not parts:
        return exp.Literal.string(text)
    joined: exp.Expr = parts[0]
    for part in [*parts[1:], exp.Literal.string(run)]:
        joined = exp.DPipe(this=joined, expression=part, safe=True)
    return exp.Paren(this=joined)


def _code(character: str) -> int:
    if character == "\0":
        raise ValueError
    return ord(character)
