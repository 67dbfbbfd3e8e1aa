"""Values of a contract as typed SQL literals.

A literal that does not fit its column is found here, before any row is read: in the engine it would be a
NULL, and a comparison with NULL is how a rule passes that never ran.
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType

_MAX_DIGITS = 38  # what DuckDB's DECIMAL holds


def literal(value: object, type_: PrimitiveType) -> exp.Expr | None:
    """Give a value as a literal to compare a column of this type with; None when it cannot be one."""
    make = _MAKERS.get(type_.name)
    try:
        return make(value) if make and value is not None else None
    except (ValueError, InvalidOperation, OverflowError):
        return None


def _cast(text: str, sql_type: str) -> exp.Expr:
    return exp.cast(exp.Literal.string(text), sql_type, dialect="duckdb")


def double(value: float) -> exp.Expr:
    """Give a number as DOUBLE, so that no decimal arithmetic can overflow on it."""
    return _cast(repr(float(value)), "DOUBLE")


def _text(value: object) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Literal.string(str(value).lower())
    return exp.Literal.string(str(value))


def _exact(value: object) -> exp.Expr | None:
    """Give a number that whole numbers and decimals are compared with, exactly."""
    if isinstance(value, bool):
        return None
    number = Decimal(str(value))
    if not number.is_finite():
        return None
    _, digits, exponent = number.as_tuple()
    if max(len(digits), len(digits) + int(exponent), -int(exponent)) > _MAX_DIGITS // 2:
        return double(float(number))
    return (
        exp.Literal.number(f"{number:f}") if number >= 0 else exp.Neg(this=exp.Literal.number(f"{-number:f}"))
    )


def _float(value: object) -> exp.Expr | None:
    number = math.nan if isinstance(value, bool) else float(str(value))
    return double(number) if math.isfinite(number) else None


def _boolean(value: object) -> exp.Expr | None:
    truth = {"true": True, "false": False}.get(str(value).lower())
    return None if truth is None else exp.Boolean(this=truth)


def _date(value: object) -> exp.Expr:
    return _cast(date.fromisoformat(str(value)).isoformat(), "DATE")


def _time(value: object) -> exp.Expr:
    return _cast(time.fromisoformat(str(value)).replace(tzinfo=None).isoformat(), "TIME")


def instant(value: datetime, *, zoned: bool) -> exp.Expr:
    """Give a moment (UTC when it names no zone) as TIMESTAMPTZ, or as TIMESTAMP in UTC."""
    utc = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    if zoned:
        return _cast(utc.isoformat(), "TIMESTAMPTZ")
    return _cast(utc.replace(tzinfo=None).isoformat(sep=" "), "TIMESTAMP")


_MAKERS: Mapping[str, Callable[[Any], exp.Expr | None]] = {
    "boolean": _boolean,
    "int": _exact,
    "long": _exact,
    "decimal": _exact,
    "float": _float,
    "double": _float,
    "date": _date,
    "time": _time,
    "timestamp": lambda v: instant(datetime.fromisoformat(str(v)), zoned=False),
    "timestamptz": lambda v: instant(datetime.fromisoformat(str(v)), zoned=True),
    "string": _text,
    "uuid": lambda v: _cast(str(UUID(str(v))), "UUID"),
}
