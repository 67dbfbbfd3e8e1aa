"""Dates, times of day and moments in PostgreSQL's two forms.

Arrow writes years 1 to 9999 as PostgreSQL does; the few values outside, and both infinities, one by one.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_EPOCH_DAYS = 10_957
"""Days from 1970 to 2000, where PostgreSQL's calendar begins."""
_EPOCH_MICROS = _EPOCH_DAYS * 86_400_000_000
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
_DAY = 86_400_000_000
_INFINITY = {4: 2**31 - 1, 8: 2**63 - 1}
_CALENDAR = 146_097
"""Days of 400 years, after which the calendar repeats."""


def date_texts(column: pa.Array) -> pa.Array:
    """Give `2024-02-29` for each date."""
    days = column.cast(pa.date32())
    return _mended(days.view(pa.int32()), lambda near: near.view(pa.date32()).cast(pa.string()), 1, "")


def timestamp_texts(column: pa.Array) -> pa.Array:
    """Give `2024-02-29 12:00:00.5` for each moment, with `+00` where its type has a zone."""
    zone = "+00" if column.type.tz else ""
    micros = column.cast(pa.timestamp("us", column.type.tz), safe=False).view(pa.int64())

    def near(values: pa.Array) -> pa.Array:
        texts = values.view(pa.timestamp("us")).cast(pa.string())
        short = _without_zeros(texts)
        return pc.binary_join_element_wise(short, zone, "") if zone else short

    return _mended(micros, near, _DAY, zone)


def time_texts(column: pa.Array) -> pa.Array:
    """Give `12:00:00.5` for each time of day."""
    return _without_zeros(column.cast(pa.time64("us"), safe=False).cast(pa.string())).cast(pa.binary())


def date_numbers(column: pa.Array) -> pa.Array:
    """Give days since 2000."""
    return _shifted(column.cast(pa.date32()).view(pa.int32()), _EPOCH_DAYS, np.int32)


def timestamp_numbers(column: pa.Array) -> pa.Array:
    """Give microseconds since 2000."""
    micros = column.cast(pa.timestamp("us", column.type.tz), safe=False).view(pa.int64())
    return _shifted(micros, _EPOCH_MICROS, np.int64)


def time_numbers(column: pa.Array) -> pa.Array:
    """Give microseconds since midnight."""
    return column.cast(pa.time64("us"), safe=False).view(pa.int64())


def _shifted(numbers: pa.Array, epoch: int, kind: type[np.integer]) -> pa.Array:
    """Count from 2000; DuckDB's infinities become PostgreSQL's, which are one lower at the far end."""
    most = int(np.iinfo(kind).max)
    values = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False).astype(kind)
    forever, never = values == most, values == -most
    with np.errstate(over="ignore"):
        shifted = values - kind(epoch)
    shifted[forever], shifted[never] = most, -most - 1
    nulls = numbers.is_null().to_numpy(zero_copy_only=False)
    return pa.array(shifted, mask=nulls)


def _without_zeros(texts: pa.Array) -> pa.Array:
    return pc.utf8_rtrim(pc.utf8_rtrim(texts, "0"), ".")


def _mended(numbers: pa.Array, near: Callable[[pa.Array], pa.Array], unit: int, zone: str) -> pa.Array:
    """Write what is in reach of `near` by it, the rest one by one."""
    low, high = _FIRST_DAY * unit, (_LAST_DAY + 1) * unit - 1
    inside = pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))
    if pc.all(inside, skip_nulls=True).as_py() is not False:
        return near(numbers).cast(pa.binary())
    clipped = pc.if_else(inside, numbers, pa.scalar(0, numbers.type))
    texts = near(clipped).to_pylist()
    most = _INFINITY[numbers.type.bit_width // 8]
    made = [
        text if ok or value is None else _far(value, unit, most, zone)
        for text, ok, value in zip(texts, inside.to_pylist(), numbers.to_pylist(), strict=True)
    ]
    return pa.array(made, pa.string()).cast(pa.binary())


def _far(value: int, unit: int, most: int, zone: str) -> str:
    """Write a value outside the years 1 to 9999 by moving it whole cycles of the calendar into reach."""
    if abs(value) >= most:
        return "infinity" if value > 0 else "-infinity"
    days, rest = divmod(value, unit)
    cycles = (days - _FIRST_DAY) // _CALENDAR
    moved = np.datetime64(days - cycles * _CALENDAR, "D").astype(str)
    year = int(moved[:4]) + cycles * 400
    clock = ""
    if unit != 1:
        seconds, fraction = divmod(rest, 1_000_000)
        clock = f" {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        clock += (f".{fraction:06}".rstrip("0") if fraction else "") + zone
    return f"{year if year > 0 else 1 - year:04}{moved[4:]}{clock}{'' if year > 0 else ' BC'}"
