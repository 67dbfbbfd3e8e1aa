"""Typed values in JSON: what JSON has a form for stands as it is, the rest as an object of type and value."""

import base64
import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lakeward.gateway.doors.http.replies import RequestError

Value = str | int | float | bool | None | Decimal | dt.date | dt.datetime | dt.time | bytes | uuid.UUID


class TypedValue(BaseModel):
    """A value that JSON has no form for, spelled as text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    type: Literal["bigint", "decimal", "date", "time", "timestamp", "timestamptz", "uuid", "binary"] = Field(
        description="What the text is; `binary` is base64, times are ISO 8601."
    )
    value: str = Field(max_length=1 << 20)


Parameter = str | int | float | bool | None | TypedValue

_READERS: dict[str, Callable[[str], Value]] = {
    "bigint": int,
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "timestamp": dt.datetime.fromisoformat,
    "timestamptz": dt.datetime.fromisoformat,
    "uuid": uuid.UUID,
    "binary": lambda text: base64.b64decode(text, validate=True),
}


def read_parameter(parameter: Parameter) -> Value:
    """Give a parameter as a Python value of its type.

    Raises:
        RequestError: The text is no value of the type.
    """
    if not isinstance(parameter, TypedValue):
        return parameter
    try:
        value = _READERS[parameter.type](parameter.value)
    except (ValueError, ArithmeticError):
        raise RequestError(400, f"a parameter is no {parameter.type}") from None
    if not _fits(parameter.type, value):
        raise RequestError(400, f"a parameter is no {parameter.type}")
    return value


def _fits(type_: str, value: Any) -> bool:  # noqa: ANN401  whatever a reader gave
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, dt.datetime):
        return (value.tzinfo is not None) == (type_ == "timestamptz")
    return not isinstance(value, dt.time) or value.tzinfo is None
