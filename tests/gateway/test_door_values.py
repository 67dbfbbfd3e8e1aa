"""Values as Python's own, at whatever depth Arrow has one that Python lacks."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from lakeward.gateway.doors.values import values_of

_FAR = 568_971_820_800_000_000
_TEXT = "20000-01-01 00:00:00.000000"
_MOMENTS = pa.array([_FAR, None], pa.timestamp("us"))


@pytest.mark.parametrize(("column", "values"), [
    (pa.array([0], pa.timestamp("us")), [dt.datetime(1970, 1, 1)]),  # noqa: DTZ001  without a zone
    (_MOMENTS, [_TEXT, None]),
    (pa.array([[_FAR, None], None, []], pa.list_(_MOMENTS.type)), [[_TEXT, None], None, []]),
    (pa.array([[_FAR], [_FAR]], pa.list_(_MOMENTS.type, 1))[1:], [[_TEXT]]),
    (pa.array([{"a": _FAR, "b": 1}, None], pa.struct({"a": _MOMENTS.type, "b": pa.int8()})),
     [{"a": _TEXT, "b": 1}, None]),
    (pa.array([{"a": 1}, {"a": _FAR}], pa.struct({"a": _MOMENTS.type}))[1:], [{"a": _TEXT}]),
    (pa.array([[("k", _FAR)], None, [("l", None)]], pa.map_(pa.string(), _MOMENTS.type)),
     [[("k", _TEXT)], None, [("l", None)]]),
    (pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [_MOMENTS, pa.array([1, 2])]), [_TEXT, 2]),
    (pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["", ""]), [{"f1": 1, "f2": 2}]),
    (pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), [{"f1": 1, "f2": 2}]),
])  # fmt: skip
def test_what_python_lacks_is_text(column: pa.Array, values: list[Any]) -> None:
    assert values_of(column) == values
