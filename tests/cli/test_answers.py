"""The answer of a query, written batch by batch in each form."""

import io
import json
import stat
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from lakeward.cli.answers import destination, first_rows, write_answer
from lakeward.cli.errors import BinaryToTerminalError, OutputFileError

SCHEMA = pa.schema([("id", pa.int64()), ("amount", pa.decimal128(5, 2)), ("tags", pa.list_(pa.string()))])


def batches(count: int = 3) -> Iterator[pa.RecordBatch]:
    for number in range(count):
        rows = [{"id": number * 2 + each, "amount": Decimal("1.50"), "tags": ["a", None]} for each in (0, 1)]
        yield pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def test_json_holds_every_row() -> None:
    sink = io.StringIO()
    write_answer(sink, "json", SCHEMA, batches(), None)
    rows = json.loads(sink.getvalue())
    assert [row["id"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert rows[0] == {"id": 0, "amount": "1.50", "tags": ["a", None]}


def test_csv_holds_every_row() -> None:
    sink = io.StringIO()
    write_answer(sink, "csv", SCHEMA, batches(1), None)
    assert sink.getvalue() == 'id,amount,tags\n0,1.50,"[""a"", null]"\n1,1.50,"[""a"", null]"\n'


def test_an_answer_without_rows_still_names_its_columns() -> None:
    sink = io.StringIO()
    write_answer(sink, "table", SCHEMA, iter(()), None)
    assert sink.getvalue().split() == ["id", "amount", "tags"]


def test_arrow_reads_back_with_its_types() -> None:
    sink = io.BytesIO()
    write_answer(sink, "arrow", SCHEMA, batches(), None)
    table = ipc.open_stream(sink.getvalue()).read_all()
    assert table.schema == SCHEMA
    assert table.num_rows == 6


def test_parquet_reads_back_with_its_types() -> None:
    sink = io.BytesIO()
    write_answer(sink, "parquet", SCHEMA, batches(), 5)
    table = parquet.read_table(io.BytesIO(sink.getvalue()))
    assert table.column("id").to_pylist() == [0, 1, 2, 3, 4]
    assert table.schema.field("amount").type == SCHEMA.field("amount").type


@pytest.mark.parametrize("limit", range(8))
def test_limit_takes_that_many_rows_and_no_batch_more(limit: int) -> None:
    taken = []

    def counted() -> Iterator[pa.RecordBatch]:
        for batch in batches():
            taken.append(batch)
            yield batch

    assert sum(batch.num_rows for batch in first_rows(counted(), limit)) == min(limit, 6)
    assert len(taken) == min(-(-limit // 2), 3)


def test_a_file_is_there_only_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    path.write_text("before", "utf-8")
    with destination(path, binary=False) as sink:
        sink.write("after")
        assert path.read_text("utf-8") == "before"
    assert path.read_text("utf-8") == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_for_its_owner_only(tmp_path: Path) -> None:
    with destination(tmp_path / "answer", binary=True) as sink:
        sink.write(b"x")
    assert stat.S_IMODE((tmp_path / "answer").stat().st_mode) == 0o600


def fail_inside(path: Path) -> None:
    with destination(path, binary=False) as sink:
        sink.write("half")
        raise KeyError


def test_a_query_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        fail_inside(tmp_path / "answer")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "missing/answer"])
def test_a_place_that_cannot_be_written_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputFileError), destination(tmp_path / name, binary=False):
        pass


def test_bytes_do_not_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with pytest.raises(BinaryToTerminalError), destination(None, binary=True):
        pass
