"""One table of the least, the greatest and the oddest cells of every type."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import accumulate
from typing import Any

import duckdb
import pyarrow as pa

COLUMNS: dict[str, tuple[str, pa.DataType]] = {
    "flag": ("boolean", pa.bool_()),
    "small": ("int", pa.int32()),
    "big": ("long", pa.int64()),
    "cents": ("decimal(9,2)", pa.decimal128(9, 2)),
    "price": ("decimal(18,4)", pa.decimal128(18, 4)),
    "whole": ("decimal(38,0)", pa.decimal128(38, 0)),
    "fine": ("decimal(38,30)", pa.decimal128(38, 30)),
    "single": ("float", pa.float32()),
    "ratio": ("double", pa.float64()),
    "text": ("string", pa.string()),
    "word": ("string", pa.string()),
    "day": ("date", pa.date32()),
    "moment": ("timestamp", pa.timestamp("us")),
    "instant": ("timestamptz", pa.timestamp("us", "UTC")),
    "raw": ("binary", pa.binary()),
    "words": ("list<string>", pa.list_(pa.string())),
    "home": ("struct<street: string, unit: int>", pa.struct({"street": pa.string(), "unit": pa.int32()})),
    "days": ("list<date>", pa.list_(pa.date32())),
    "moments": ("list<timestamp>", pa.list_(pa.timestamp("us"))),
    "stay": ("struct<since: date>", pa.struct({"since": pa.date32()})),
    "visit": ("struct<since: timestamp>", pa.struct({"since": pa.timestamp("us")})),
}
"""Each column's Iceberg type and Arrow type."""
_TEXTS = [
    "",
    "a",
    "ß",
    "\0",
    "a\0b",
    "İ",
    "👩🏽‍⚕️",
    "x" * 300,
    "2026-01-31",
    "1e400",
    "-0",
    " 7 ",
    "true",
    "%",
    "\\",
    "'",
]
_DAYS = (-(2**31) + 2, -(2**31) + 1, 2**31 - 1, 2**31 - 2, 0, -719_528, 2_932_896, 106_751_991, -106_751_991)
_MOMENTS = (
    -(2**63) + 2,
    2**63 - 1,
    2**63 - 2,
    -(2**63) + 1,
    0,
    -1,
    253_402_300_799_999_999,
    9_223_371_331_200_000_000,
)
_CELLS: dict[str, list[Any]] = {
    "flag": [True, False],
    "small": [0, 1, -1, 2**31 - 1, -(2**31), 7],
    "big": [0, 1, -1, 2**63 - 1, -(2**63), 10**18, 10**17],
    "cents": [Decimal(each) for each in ("0", "9999999.99", "-9999999.99", "0.01")],
    "price": [Decimal(each) for each in ("0", "99999999999999.9999", "-99999999999999.9999", "0.0001")],
    "whole": [Decimal(10**38 - 1), Decimal(1 - 10**38), Decimal(0), Decimal(1)],
    "fine": [Decimal("99999999.999999999999999999999999999999"), Decimal(0), Decimal("-1e-30")],
    "single": [0.0, -0.0, 3.4e38, -3.4e38, 1e-45, float("nan"), float("inf"), float("-inf")],
    "ratio": [0.0, 1.7e308, -1.7e308, 5e-324, float("nan"), float("inf"), float("-inf"), 9.3e18],
    "text": _TEXTS,
    "word": _TEXTS,
    "words": [[], ["a", None, "ß"], ["\0"] * 9, ["x"]],
    "home": [{"street": "a", "unit": 2**31 - 1}, {"street": None, "unit": None}, {"street": "%", "unit": 0}],
    "raw": [b"", b"\xff\x00", b"abc"],
    "days": [[], [0, None], [_DAYS[0]] * 3, [_DAYS[3]], [_DAYS[1]]],
    "moments": [[], [0, None], [_MOMENTS[0]]],
    "stay": [{"since": each} for each in _DAYS],
    "visit": [{"since": each} for each in _MOMENTS],
}


def extreme_cells(rows: int, draw: random.Random) -> pa.Table:
    """Return a table with a random mix of the least, greatest and oddest cells of every type."""
    arrays = [_array(name, type_, rows, draw) for name, (_, type_) in COLUMNS.items()]
    return pa.table(dict(zip(COLUMNS, arrays, strict=True)))


def _array(name: str, type_: pa.DataType, rows: int, draw: random.Random) -> pa.Array:
    choice = {"day": _DAYS, "moment": _MOMENTS, "instant": _MOMENTS}.get(name) or _CELLS[name]
    cells = [None if draw.random() < 0.1 else draw.choice(choice) for _ in range(rows)]
    return _typed(cells, type_)


def _typed(cells: list[Any], type_: pa.DataType) -> pa.Array:
    """Make an array; of days and moments by number, for no calendar holds all of them."""
    if pa.types.is_temporal(type_):
        width = pa.int32() if pa.types.is_date(type_) else pa.int64()
        return pa.array(cells, width).view(type_)
    if pa.types.is_list(type_) and pa.types.is_temporal(type_.value_type):
        ends = list(accumulate((len(each or ()) for each in cells), initial=0))
        offsets = pa.array(
            [None if each is None else at for each, at in zip(cells, ends, strict=False)] + ends[-1:]
        )
        flat = [part for each in cells for part in each or ()]
        return pa.ListArray.from_arrays(offsets.cast(pa.int32()), _typed(flat, type_.value_type))
    if pa.types.is_struct(type_):
        parts = [_typed([each and each[field.name] for each in cells], field.type) for field in type_]
        missing = pa.array([each is None for each in cells])
        return pa.StructArray.from_arrays(parts, fields=list(type_), mask=missing)
    return pa.array(cells, type_)


@contextmanager
def extreme_engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine with sixty such rows as `t`, the same ones each time."""
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.register("cells", extreme_cells(60, random.Random(7)))  # noqa: S311  the same draws each time
        opened.execute("CREATE TABLE t AS FROM cells")
        yield opened
