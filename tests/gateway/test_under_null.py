"""Where a value is NULL, Arrow has a place for it: what stands there must tell of nothing."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway import running
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.under_null import cleared

VALUES: dict[str, pa.Array] = {
    "whole": pa.array([1, 2, 3, 4], pa.int64()),
    "small": pa.array([1, 2, 3, 4], pa.int8()),
    "double": pa.array([1.0, 2.0, 3.0, 4.0]),
    "decimal": pa.array([Decimal(each) for each in (1, 2, 3, 4)], pa.decimal128(38, 2)),
    "truth": pa.array([True, True, True, True]),
    "day": pa.array([dt.date(2026, 1, each) for each in (1, 2, 3, 4)]),
    "moment": pa.array([dt.datetime(2026, 1, each, tzinfo=dt.UTC) for each in (1, 2, 3, 4)]),
    "span": pa.array([pa.MonthDayNano([1, 2, each]) for each in (1, 2, 3, 4)]),
    "text": pa.array(["a", "bc", "def", "ghij"]),
    "long text": pa.array(["a", "bc", "def", "ghij"], pa.large_string()),
    "bytes": pa.array([b"a", b"bc", b"def", b"ghij"]),
    "uuid": pa.array([bytes([each] * 16) for each in (1, 2, 3, 4)], pa.uuid()),
    "list": pa.array([[1], [2, 3], [4], [5, 6]], pa.list_(pa.int64())),
    "large list": pa.array([["a"], ["b", "c"], ["d"], ["e"]], pa.large_list(pa.string())),
    "pair": pa.array([[1, 2], [3, 4], [5, 6], [7, 8]], pa.list_(pa.int64(), 2)),
    "struct": pa.array([{"a": each, "b": ["x" * each]} for each in (1, 2, 3, 4)]),
    "map": pa.array([[("k", each)] for each in (1, 2, 3, 4)], pa.map_(pa.string(), pa.int64())),
    "word": pa.array(["a", "b", "c", "b"]).dictionary_encode(),
}
MISSING = [True, False, True, False]


def with_missing(array: pa.Array) -> pa.Array:
    """Call every second value NULL, and leave it where it stands."""
    if isinstance(array, pa.ExtensionArray):
        return pa.ExtensionArray.from_storage(array.type, with_missing(array.storage))
    if isinstance(array, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(with_missing(array.indices), array.dictionary)
    bitmap = pa.py_buffer(np.packbits(~np.array(MISSING), bitorder="little"))
    own = [bitmap, *array.buffers()[1 : array.type.num_buffers]]
    inside = (
        [array.field(at) for at in range(array.type.num_fields)] if pa.types.is_struct(array.type) else []
    )
    if pa.types.is_map(array.type):
        inside = [pa.StructArray.from_arrays([array.keys, array.items], fields=_pair(array.type))]
    elif not inside and array.type.num_fields:
        inside = [array.values]
    return pa.Array.from_buffers(array.type, len(array), own, children=inside or None)


def _pair(kind: pa.MapType) -> list[pa.Field]:
    return [kind.key_field, kind.item_field]


def under_nulls(array: pa.Array) -> Iterator[bytes]:
    """Give what stands where a value is NULL, and more than zeros."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray | pa.DictionaryArray):
        inside = array.indices if pa.types.is_dictionary(kind) else array.storage
        yield from under_nulls(inside)
    elif pa.types.is_nested(kind):
        yield from _under_nulls_within(array)
    elif kind.num_buffers > 2:
        yield from _between_ends(array)
    elif not pa.types.is_null(kind):
        yield from _cells(array, array.is_null().to_numpy(zero_copy_only=False))


def _under_nulls_within(array: pa.Array) -> Iterator[bytes]:
    kind = array.type
    if pa.types.is_struct(kind):
        for at in range(kind.num_fields):
            yield from _below(array, array.field(at), 1)
    elif pa.types.is_fixed_size_list(kind):
        yield from _below(array, array.values, kind.list_size)
    else:
        yield from _between_ends(array)
        for each in [array.keys, array.items] if pa.types.is_map(kind) else [array.values]:
            yield from under_nulls(each)


def _below(array: pa.Array, inside: pa.Array, each: int) -> Iterator[bytes]:
    missing = np.repeat(array.is_null().to_numpy(zero_copy_only=False), each)
    if any(inside[int(at)].is_valid for at in np.flatnonzero(missing)):
        yield b"a part of what is NULL"
    yield from under_nulls(inside)


def _between_ends(array: pa.Array) -> Iterator[bytes]:
    is_large = pa.types.is_large_list(array.type) or pa.types.is_large_string(array.type)
    ends = np.frombuffer(array.buffers()[1], np.int64 if is_large else np.int32)
    for at in range(len(array)):
        if not array[at].is_valid and ends[at] != ends[at + 1]:
            yield b"a part of what is NULL"


def _cells(array: pa.Array, missing: "np.ndarray[Any, Any]") -> Iterator[bytes]:
    bits = array.type.bit_width
    held = np.unpackbits(np.frombuffer(array.buffers()[1], np.uint8), bitorder="little")
    for at in np.flatnonzero(missing) * bits:
        cell = np.packbits(held[at : at + bits], bitorder="little").tobytes()
        if cell.strip(b"\0"):
            yield cell


@pytest.mark.parametrize("name", VALUES)
def test_nothing_is_left_under_a_null(name: str) -> None:
    batch = pa.record_batch({"x": with_missing(VALUES[name])})
    assert [*under_nulls(batch.column(0))]
    found = cleared(batch)
    found.validate(full=True)
    assert not [*under_nulls(found.column(0))]
    assert found.schema == batch.schema
    wanted = [None if no else each for each, no in zip(VALUES[name].to_pylist(), MISSING, strict=True)]
    assert found.column(0).to_pylist() == wanted


@pytest.mark.parametrize("name", VALUES)
def test_a_part_of_a_batch_keeps_its_values(name: str) -> None:
    batch = pa.record_batch({"x": with_missing(VALUES[name])}).slice(1, 3)
    found = cleared(batch)
    wanted = [None if no else each for each, no in zip(VALUES[name].to_pylist(), MISSING, strict=True)][1:]
    assert found.column(0).to_pylist() == wanted
    assert not [*under_nulls(found.column(0))]


@pytest.mark.parametrize("name", VALUES)
def test_what_has_no_null_is_the_same_object(name: str) -> None:
    batch = pa.record_batch({"x": VALUES[name]})
    assert cleared(batch) is batch


def test_a_null_within_is_cleared_too() -> None:
    inside = with_missing(VALUES["whole"])
    struct = pa.StructArray.from_arrays([inside], ["a"])
    lists = pa.ListArray.from_arrays([0, 2, 4], inside)
    for each in (struct, lists):
        assert [*under_nulls(each)]
        assert not [*under_nulls(cleared(pa.record_batch({"x": each})).column(0))]


def test_a_union_tells_of_the_members_alone_that_its_rows_are_of() -> None:
    codes = pa.array([0, 1, 0, 1], pa.int8())
    union = pa.UnionArray.from_sparse(codes, [VALUES["whole"], VALUES["text"]], ["n", "s"])
    found = cleared(pa.record_batch({"x": union})).column(0)
    assert found.to_pylist() == union.to_pylist()
    assert found.field(0).to_pylist() == [1, None, 3, None]
    assert found.field(1).to_pylist() == [None, "bc", None, "ghij"]
    assert not [each for at in (0, 1) for each in under_nulls(found.field(at))]


POLICY = """
version: 1
roles: {nurse: {members: [ada]}}
purposes: [care]
grants:
  - id: own
    to: [nurse]
    tables: ["clinic.*"]
    rows: "site = 'H1'"
    columns: [{tags: [sensitivity.none], mask: clear}]
"""
STATEMENTS = (
    "SELECT CASE WHEN n % 2 = 0 THEN n END AS x, CASE WHEN n % 3 = 0 THEN cost END AS y FROM clinic.visit",
    "SELECT a.n, b.n AS m, b.cost, b.born FROM clinic.visit AS a "
    "LEFT JOIN clinic.visit AS b ON a.n = b.n + 900",
    "SELECT site, max(n) FILTER (WHERE n < 0) AS x, max(cost) FILTER (WHERE n < 0) AS y "
    "FROM clinic.visit GROUP BY site",
    "SELECT TRY_CAST(name AS BIGINT) AS x, TRY_CAST(name AS DATE) AS y FROM clinic.visit",
    "SELECT nullif(n, n) AS x, nullif(cost, cost) AS y, nullif(born, born) AS z FROM clinic.visit",
    "SELECT home.unit, home FROM clinic.visit",
    "SELECT list_transform([n], lambda x: CASE WHEN x % 2 = 0 THEN x END) AS x FROM clinic.visit",
)
"""What makes NULLs of its own, fused and staged."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Rows of two sites, the hidden ones between those that show."""
    made = init_lake(tmp_path_factory.mktemp("under-null") / "lake")
    numbers = range(4_000)
    shown = [n % 4 == 0 for n in numbers]
    rows = pa.table(
        {
            "n": pa.array(numbers, pa.int64()),
            "site": ["H1" if each else "HIDDEN" for each in shown],
            "name": ["open" if each else f"HIDDEN-{n}" for n, each in enumerate(shown)],
            "cost": pa.array([Decimal(n) for n in numbers], pa.decimal128(38, 2)),
            "born": [dt.date(1950, 1, 1) + dt.timedelta(days=n) for n in numbers],
            "home": [None if n % 8 == 0 else {"street": "HIDDEN", "unit": n} for n in numbers],
        }
    )
    tags = {each: ["sensitivity.none"] for each in rows.column_names}
    write_batches(
        made, TableName("clinic", "visit"), rows.to_reader(), mode="create", tags=tags, actor="test"
    )
    (Path(made.policies_dir) / "clinic.yaml").write_text(POLICY, "utf-8")
    return made


@pytest.fixture(scope="module", params=["process", "workers"])
def gateway(lake: Lake, request: pytest.FixtureRequest) -> Iterator[Gateway]:
    with open_gateway(lake, workers=request.param == "workers") as opened:
        yield opened


def _under(answer: pa.Table) -> list[bytes]:
    chunks = [chunk for column in answer.columns for chunk in column.chunks]
    return [each for chunk in chunks for each in under_nulls(chunk)]


def _found(gateway: Gateway, ways: frozenset[str] = frozenset({"fused", "staged"})) -> list[bytes]:
    session = gateway.session("ada", "care")
    answers = (gateway.execute(session, sql) for sql in STATEMENTS)
    tables = [(each.way, each.table()) for each in answers]
    assert {way for way, _ in tables} == {"fused", "staged"}
    return [each for way, table in tables if way in ways for each in _under(table)]


def test_no_answer_has_anything_under_its_nulls(gateway: Gateway) -> None:
    assert not _found(gateway)


def test_the_engine_alone_leaves_something_there(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "all_cleared", iter)
    with open_gateway(lake) as opened:
        assert _found(opened)


def test_nothing_of_it_leaves_a_reader(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "all_cleared", iter)
    with open_gateway(lake, workers=True) as opened:
        assert not _found(opened, frozenset({"fused"}))
