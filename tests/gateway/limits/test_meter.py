"""What goes out is counted the same however an engine batches it, and cut at a row."""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.gateway.errors import LimitExceededError
from lakeward.gateway.limits.meter import Meter, value_bytes
from lakeward.gateway.session import Limits

MANY = pa.table(
    {
        "number": [1, 2, None, 4],
        "text": ["a", None, "longer than that", ""],
        "list": [[1, 2, 3], None, [], [4]],
        "map": pa.array([[("a", 1)], None, [("bb", 2), ("c", 3)], []], pa.map_(pa.string(), pa.int64())),
        "struct": [{"a": 1, "b": "x"}, None, {"a": 2, "b": "yy"}, {"a": None, "b": None}],
        "word": pa.array(["x", "why", "x", None]).dictionary_encode(),
        "view": pa.array(["a", "bb", None, "ccc"], pa.string_view()),
        "truth": [True, None, False, True],
        "nothing": pa.nulls(4),
        "decimal": [Decimal("1.2")] * 4,
        "id": pa.array([b"1" * 16] * 4, pa.uuid()),
        "pair": pa.array([[1, 2]] * 4, pa.list_(pa.int8(), 2)),
        "time": [dt.datetime(2026, 1, 1, tzinfo=dt.UTC)] * 4,
    }
)


def taken(meter: Meter, batches: Iterable[pa.RecordBatch]) -> tuple[pa.Table, str]:
    """What went out, and what ended it."""
    out: list[pa.RecordBatch] = []
    try:
        for batch in batches:
            out += meter.take(batch)
    except LimitExceededError as error:
        return pa.Table.from_batches(out, MANY.schema), error.message
    return pa.Table.from_batches(out, MANY.schema), ""


def batched(cuts: Iterable[int]) -> list[pa.RecordBatch]:
    places = sorted({0, *cuts, 4})
    batch = MANY.combine_chunks().to_batches()[0]
    return [batch.slice(a, b - a) for a, b in itertools.pairwise(places)]


@given(st.sets(st.integers(0, 4)), st.integers(1, 700), st.integers(1, 6))
def test_where_it_ends_does_not_depend_on_the_batches(cuts: set[int], size: int, rows: int) -> None:
    limits = replace(Limits(), bytes=size, rows=rows)
    whole, why = taken(Meter(limits), batched(()))
    cut, cut_why = taken(Meter(limits), batched(cuts))
    assert (whole.num_rows, why) == (cut.num_rows, cut_why)
    assert whole.equals(cut)


@pytest.mark.parametrize("name", MANY.schema.names)
def test_bytes_are_a_sum_over_rows(name: str) -> None:
    batch = MANY.select([name]).combine_chunks().to_batches()[0]
    alone = [value_bytes(batch.slice(row, 1)) for row in range(4)]
    assert sum(alone) == value_bytes(batch)
    assert name == "nothing" or value_bytes(batch) > 0


def test_both_limits_say_which_it_was() -> None:
    batch = pa.record_batch({"n": [1, 2, 3]})
    for limits, said in ((replace(Limits(), rows=2), "2 rows"), (replace(Limits(), bytes=17), "17 bytes")):
        meter = Meter(limits)
        out: list[pa.RecordBatch] = []
        with pytest.raises(LimitExceededError, match=said):
            out.extend(meter.take(batch))
        assert (meter.rows, meter.bytes) == (2, 16)


def test_no_row_at_all_fits() -> None:
    with pytest.raises(LimitExceededError):
        list(Meter(replace(Limits(), bytes=1)).take(pa.record_batch({"n": [1]})))
