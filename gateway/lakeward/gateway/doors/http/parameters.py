"""Typed values in JSON: what JSON has a form for stands as it is, the rest as an object of type and value."""

import base64
import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from lakeward.gateway.doors.http.replies import RequestError


class TypedValue(BaseModel):
    """A value that JSON has no form for, spelled as text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    type: Literal["bigint", "decimal", "date", "time", "timestamp", "timestamptz", "uuid", "binary"] = Field(
        description="What the text is; `binary` is base64, times are ISO 8601."
    )
    value: str = Field(max_length=1 << 20)


Parameter = str | int | float | bool | None | TypedValue


def scalar(parameter: Parameter) -> pa.Scalar:
    """Give a parameter as a value of its type.

    Raises:
        RequestError: It is no value of the type.
    """
    try:
        if isinstance(parameter, TypedValue):
            return _typed(parameter)
        if isinstance(parameter, int) and not isinstance(parameter, bool):
            return _integer(parameter)
        return pa.scalar(parameter)
    except (ValueError, TypeError, ArithmeticError, pa.ArrowException):
        kind = parameter.type if isinstance(parameter, TypedValue) else "value that fits"
        raise RequestError(400, f"a parameter is no {kind}") from None


def _typed(parameter: TypedValue) -> pa.Scalar:
    read, type_ = _TYPES[parameter.type]
    value = read(parameter.value)
    if isinstance(value, dt.datetime) and (value.tzinfo is None) == (parameter.type == "timestamptz"):
        raise ValueError("a timestamp has an offset, or has none, as its type says")
    return pa.scalar(value, type_)


def _integer(value: int) -> pa.Scalar:
    """Give an integer as a bigint, or where it is too great for one, as a decimal."""
    fits = -(1 << 63) <= value < 1 << 63
    return pa.scalar(value, pa.int64()) if fits else pa.scalar(Decimal(value), pa.decimal128(38, 0))


def _time(text: str) -> dt.time:
    value = dt.time.fromisoformat(text)
    if value.tzinfo is not None:
        raise ValueError("a time has no offset")
    return value


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# By type: what reads its text, and Arrow's own type; None where the value says it.
_TYPES: dict[str, tuple[Callable[[str], Any], pa.DataType | None]] = {
    "bigint": (int, pa.int64()),
    "decimal": (Decimal, None),
    "date": (_date, pa.date32()),
    "time": (_time, pa.time64("us")),
    "timestamp": (dt.datetime.fromisoformat, pa.timestamp("us")),
    "timestamptz": (dt.datetime.fromisoformat, pa.timestamp("us", tz="UTC")),
    "uuid": (lambda text: uuid.UUID(text).bytes, pa.uuid()),
    "binary": (lambda text: base64.b64decode(text, validate=True), pa.binary()),
}
