"""Parameters as typed values: what a client binds never becomes part of a text of SQL."""

import datetime as dt
import json
import re
import struct
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from lakeward.gateway.doors.postgres import types as pg
from lakeward.gateway.doors.postgres.errors import InvalidParameterError, UnsupportedError

_EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - PostgreSQL's timestamps without a zone
_TRUE, _FALSE = ({"t", "true", "y", "yes", "on", "1"}, {"f", "false", "n", "no", "off", "0"})
_FAULTS = (
    ValueError,
    TypeError,
    OverflowError,
    InvalidOperation,
    struct.error,
    LookupError,
    pa.ArrowException,
)
_ELEMENT = re.compile(r'\s*+(?:"((?:[^"\\]|\\.)*+)"|([^",{}]*+))\s*+(,|\Z)', re.DOTALL)
"""Possessive: what is read once is not shared out anew; with a run of spaces that took minutes."""
_LONGEST_INTERVAL = 1_000
_SIGN_NEGATIVE, _SIGN_ODD = 0x4000, 0xC000
_MOST_DIGITS = 38
_MOST_GROUPS, _MOST_SCALE = 100, 1_000


def decode(number: int, oid: int, value: bytes | None, *, binary: bool) -> pa.Scalar:
    """Read one bound parameter.

    Args:
        number: Which one, for words.
        oid: The type that the client was told or has said.
        value: Its bytes; None for NULL.
        binary: The form in which they are.

    Raises:
        InvalidParameterError: They are no value of the type.
        UnsupportedError: The type is none that the door takes.
    """
    kind = pg.parameter_type(oid) or pa.string()
    known = pg.BY_ARRAY_OID.get(oid) or pg.BY_OID.get(oid)
    name = known.name if known else "value of its type"
    if oid and known is None and binary:
        raise UnsupportedError(f"The type of parameter ${number}")
    if value is None:
        return pa.scalar(None, kind)
    try:
        return _scalar(oid or pg.TEXT.oid, value, kind, binary=binary)
    except _FAULTS:
        raise InvalidParameterError(number, name) from None


def _scalar(oid: int, value: bytes, kind: pa.DataType, *, binary: bool) -> pa.Scalar:
    if element := pg.BY_ARRAY_OID.get(oid):
        items = _binary_array(value) if binary else _text_array(value.decode())
        return pa.scalar(
            [None if each is None else _one(element.oid, each, binary=binary) for each in items], kind
        )
    found = _one(oid, value, binary=binary)
    if isinstance(found, Decimal):
        return _decimal(found)
    return pa.scalar(found, kind)


def _one(oid: int, value: bytes, *, binary: bool) -> Any:  # noqa: ANN401 - a value of any type
    if binary:
        return _FROM_BINARY.get(oid, _text)(value)
    return _FROM_TEXT.get(oid, str)(_text(value))


def _text(value: bytes) -> str:
    text = value.decode("utf-8")
    if "\0" in text:
        raise ValueError("a zero byte")
    return text


def _decimal(value: Decimal) -> pa.Scalar:
    """Give a number the narrowest type that holds all of its digits; what holds too many becomes a float."""
    if not value.is_finite():
        return pa.scalar(float(value), pa.float64())
    _, digits, exponent = value.as_tuple()
    scale = max(0, -int(exponent))
    precision = max(len(digits) + max(0, int(exponent)), scale, 1)
    if precision > _MOST_DIGITS:
        return pa.scalar(float(value), pa.float64())
    return pa.scalar(value, pa.decimal128(precision, scale))


def _bool(text: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError("neither")


def _bytea(text: str) -> bytes:
    if text.startswith("\\x"):
        return bytes.fromhex(text[2:])
    return re.sub(rb"\\(\\|[0-7]{3})", lambda each: _escaped(each[1]), text.encode())


def _escaped(octal: bytes) -> bytes:
    return b"\\" if octal == b"\\" else bytes([int(octal, 8)])


def _moment(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text.strip())
    return found.replace(tzinfo=None)


def _aware(text: str) -> dt.datetime:
    words = re.sub(r"([+-]\d\d)\Z", r"\1:00", text.strip())
    found = dt.datetime.fromisoformat(words)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


_UNITS = {"year": (12, 0), "mon": (1, 0), "month": (1, 0), "week": (0, 7), "day": (0, 1)}
_SECONDS = {"hour": 3600, "minute": 60, "min": 60, "second": 1, "sec": 1}


def _interval(text: str) -> pa.MonthDayNano:
    if len(text) > _LONGEST_INTERVAL:  # it is looked for from each place on
        raise ValueError("too long")
    months = days = 0
    micros = Decimal(0)
    for amount, unit, clock in re.findall(r"([+-]?[\d.]+)\s*([a-zA-Z]+)|([+-]?\d+:\d+(?::[\d.]+)?)", text):
        if clock:
            sign = -1 if clock.startswith("-") else 1
            parts = [Decimal(each) for each in clock.lstrip("+-").split(":")]
            micros += sign * sum(part * 60 ** (2 - i) for i, part in enumerate(parts)) * 1_000_000
            continue
        word = unit.lower().rstrip("s") if len(unit) > 1 else unit.lower()
        if word in _UNITS:
            months, days = months + int(amount) * _UNITS[word][0], days + int(amount) * _UNITS[word][1]
        else:
            micros += Decimal(amount) * _SECONDS[word] * 1_000_000
    if not re.search(r"\d", text):
        raise ValueError("no interval")
    return pa.MonthDayNano([months, days, int(micros) * 1000])


def _text_array(text: str) -> list[bytes | None]:
    body = text.strip()
    if body[:1] != "{" or body[-1:] != "}":
        raise ValueError("no list")
    body, at, items = body[1:-1], 0, list[bytes | None]()
    if not body.strip():
        return items
    while True:
        match = _ELEMENT.match(body, at)
        if match is None or (match[1] is None and not match[2].strip()):
            raise ValueError("no list")
        bare = match[2].strip() if match[1] is None else ""
        quoted = re.sub(r"\\(.)", r"\1", match[1] or "", flags=re.DOTALL)
        items.append(None if bare.upper() == "NULL" else (bare or quoted).encode())
        at = match.end()
        if not match[3]:
            return items


def _binary_array(value: bytes) -> list[bytes | None]:
    dimensions, _, _ = struct.unpack_from("!iiI", value)
    if dimensions == 0:
        return []
    if dimensions != 1:
        raise ValueError("more than one dimension")
    count, _ = struct.unpack_from("!ii", value, 12)
    if not 0 <= count * 4 <= len(value):
        raise ValueError("a list longer than its bytes")
    at, items = 20, list[bytes | None]()
    for _ in range(count):
        (length,) = struct.unpack_from("!i", value, at)
        end = at + 4 + max(length, 0)
        if end > len(value):
            raise ValueError("an element longer than its bytes")
        items.append(None if length < 0 else value[at + 4 : end])
        at = end
    return items


def _numeric(value: bytes) -> Decimal:
    groups, weight, sign, scale = struct.unpack_from("!hhHH", value)
    if sign & _SIGN_ODD == _SIGN_ODD:
        return Decimal({0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}[sign])
    digits = struct.unpack_from(f"!{groups}h", value, 8)
    if len(value) != 8 + 2 * groups or abs(weight) > _MOST_GROUPS or scale > _MOST_SCALE:
        raise ValueError("no number")
    whole = 0
    for each in digits:
        whole = whole * 10_000 + each
    found = Decimal(whole).scaleb(4 * (weight - groups + 1))
    found = found.quantize(Decimal(1).scaleb(-scale)) if scale <= _MOST_DIGITS - 10 else found
    return -found if sign == _SIGN_NEGATIVE else found


def _number(form: str) -> Callable[[bytes], Any]:
    return lambda value: struct.unpack(form, value)[0]


def _micros(value: bytes) -> dt.timedelta:
    return dt.timedelta(microseconds=int(struct.unpack("!q", value)[0]))


def _binary_interval(value: bytes) -> pa.MonthDayNano:
    micros, days, months = struct.unpack("!qii", value)
    return pa.MonthDayNano([months, days, micros * 1000])


def _jsonb(value: bytes) -> str:
    if value[:1] != b"\x01":
        raise ValueError("no jsonb")
    return _json(_text(value[1:]))


def _json(text: str) -> str:
    json.loads(text)
    return text


_INTEGERS = (pg.INT2.oid, pg.INT4.oid, pg.INT8.oid, pg.OID.oid)
_FROM_TEXT: dict[int, Callable[[str], Any]] = {
    **dict.fromkeys(_INTEGERS, int),
    pg.BOOL.oid: _bool,
    pg.BYTEA.oid: _bytea,
    pg.FLOAT4.oid: float,
    pg.FLOAT8.oid: float,
    pg.NUMERIC.oid: lambda text: Decimal(text.strip()),
    pg.DATE.oid: lambda text: dt.date.fromisoformat(text.strip()),
    pg.TIME.oid: lambda text: dt.time.fromisoformat(text.strip()),
    pg.TIMESTAMP.oid: _moment,
    pg.TIMESTAMPTZ.oid: _aware,
    pg.INTERVAL.oid: _interval,
    pg.UUID.oid: lambda text: str(uuid.UUID(text.strip())),
    pg.JSON.oid: _json,
    pg.JSONB.oid: _json,
}
_FROM_BINARY: dict[int, Callable[[bytes], Any]] = {
    pg.BOOL.oid: lambda value: bool(struct.unpack("!?", value)[0]),
    pg.BYTEA.oid: bytes,
    pg.INT2.oid: _number("!h"),
    pg.INT4.oid: _number("!i"),
    pg.INT8.oid: _number("!q"),
    pg.OID.oid: _number("!I"),
    pg.FLOAT4.oid: _number("!f"),
    pg.FLOAT8.oid: _number("!d"),
    pg.NUMERIC.oid: _numeric,
    pg.DATE.oid: lambda value: (_EPOCH + dt.timedelta(days=struct.unpack("!i", value)[0])).date(),
    pg.TIME.oid: lambda value: (_EPOCH + _micros(value)).time(),
    pg.TIMESTAMP.oid: lambda value: _EPOCH + _micros(value),
    pg.TIMESTAMPTZ.oid: lambda value: (_EPOCH + _micros(value)).replace(tzinfo=dt.UTC),
    pg.INTERVAL.oid: _binary_interval,
    pg.UUID.oid: lambda value: str(uuid.UUID(bytes=value)),
    pg.JSONB.oid: _jsonb,
    pg.JSON.oid: lambda value: _json(_text(value)),
}


def decode_all(
    oids: Sequence[int], values: Sequence[bytes | None], formats: Sequence[int]
) -> tuple[pa.Scalar, ...]:
    """Read every bound parameter; see `decode`."""
    return tuple(
        decode(number, oid, value, binary=form == 1)
        for number, (oid, value, form) in enumerate(zip(oids, values, formats, strict=True), 1)
    )
