"""Few rows and many go out as the very same bytes, whichever way puts them together."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.gateway.doors.postgres.encode import rows
from lakeward.gateway.doors.postgres.encode.few import are_few, few_rows

_NAN, _INF = float("nan"), float("inf")
COLUMNS = {
    "int8": pa.array([1, -1, None, 0], pa.int8()),
    "int16": pa.array([1, -1, None, -(2**15)], pa.int16()),
    "int32": pa.array([1, -1, None, -(2**31)], pa.int32()),
    "int64": pa.array([1, -1, None, -(2**63)]),
    "uint64": pa.array([1, 2**64 - 1, None, 0], pa.uint64()),
    "double": pa.array([1e20, -_INF, None, _NAN]),
    "float": pa.array([0.1, _INF, None, -0.0], pa.float32()),
    "string": pa.array(["ü", "", None, "a\0b"]),
    "large": pa.array(["ü", "", None, "longer"], pa.large_string()),
    "view": pa.array(["ü", "", None, "longer than twelve"], pa.string_view()),
    "word": pa.array(["x", "y", None, "x"]).dictionary_encode(),
    "bytes": pa.array([b"\xff", b"", None, b"\0"]),
    "truth": pa.array([True, False, None, True]),
    "decimal": pa.array([Decimal("1.20"), Decimal(0), None, Decimal("-3.45")]),
    "date": pa.array([dt.date(2026, 1, 2), dt.date(1, 1, 1), None, dt.date(9999, 12, 31)]),
    "moment": pa.array([dt.datetime(2026, 1, 2, tzinfo=dt.UTC)] * 3 + [None]),
    "uuid": pa.array([b"1" * 16, b"\0" * 16, None, b"\xff" * 16], pa.uuid()),
    "list": pa.array([[1, None], [], None, [2]]),
    "struct": pa.array([{"a": 1}, {"a": None}, None, {"a": 2}]),
    "nothing": pa.nulls(4),
    "bad": pa.Array.from_buffers(
        pa.string(), 4, [None, pa.array([0, 1, 1, 2, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe")]
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("name", COLUMNS)
def test_each_type_goes_out_as_among_many(name: str, form: int) -> None:
    whole = pa.record_batch({name: COLUMNS[name]})
    for batch in (whole, whole.slice(1, 2), whole.slice(3)):
        assert few_rows(batch, [form], b"D") == bytes(rows.many_rows(batch, [form], b"D"))


@given(
    st.lists(st.floats() | st.none(), min_size=1, max_size=4),
    st.lists(st.text() | st.none(), min_size=4, max_size=4),
)
def test_rows_of_several_columns(numbers: list[float | None], texts: list[str | None]) -> None:
    batch = pa.record_batch(
        {"a": pa.array(numbers, pa.float64()), "b": pa.array(texts[: len(numbers)], pa.string())}
    )
    assert few_rows(batch, [0, 1], b"d") == bytes(rows.many_rows(batch, [0, 1], b"d"))


def test_rows_without_columns_are_counted() -> None:
    batch = pa.record_batch({"a": [1, 2]}).select([])
    assert few_rows(batch, [], b"d") == b"d\0\0\0\x06\0\0" * batch.num_rows


def test_what_is_large_goes_the_other_way() -> None:
    assert are_few(pa.record_batch({"a": ["x"]}))
    assert not are_few(pa.record_batch({"a": ["x" * 100_000]}))
    assert not are_few(pa.record_batch({"a": list(range(1000))}))
