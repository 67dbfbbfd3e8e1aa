"""Intervals, which Arrow has in two kinds, as months, days and microseconds."""

import struct
from collections.abc import Iterator

import pyarrow as pa

Parts = tuple[int, int, int]
_BINARY = struct.Struct("!qii")
_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def interval_texts(column: pa.Array) -> pa.Array:
    """Give `1 year 2 mons 3 days 04:05:06` for each interval."""
    return pa.array([None if each is None else _text(*each).encode() for each in _parts(column)], pa.binary())


def interval_bytes(column: pa.Array) -> pa.Array:
    """Give microseconds, days and months of each interval."""
    made = [None if each is None else _BINARY.pack(each[2], each[1], each[0]) for each in _parts(column)]
    return pa.array(made, pa.binary())


def _parts(column: pa.Array) -> Iterator[Parts | None]:
    if pa.types.is_duration(column.type):
        unit = column.type.unit
        for value in column.cast(pa.int64()).to_pylist():
            yield None if value is None else (0, 0, value // 1000 if unit == "ns" else value * _UNITS[unit])
        return
    for scalar in column:
        each = scalar.as_py()
        yield None if each is None else (each.months, each.days, each.nanoseconds // 1000)


def _text(months: int, days: int, micros: int) -> str:
    years, months = (abs(months) // 12 * _sign(months), abs(months) % 12 * _sign(months))
    parts = [
        f"{number} {word}{'' if abs(number) == 1 else 's'}"
        for number, word in ((years, "year"), (months, "mon"), (days, "day"))
        if number
    ]
    if micros or not parts:
        seconds, fraction = divmod(abs(micros), 1_000_000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        tail = f".{fraction:06}".rstrip("0") if fraction else ""
        parts.append(f"{'-' if micros < 0 else ''}{clock}{tail}")
    return " ".join(parts)


def _sign(number: int) -> int:
    return -1 if number < 0 else 1
