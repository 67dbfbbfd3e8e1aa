"""Several processes write one table: nothing is lost, and what cannot be done is one clear error."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from tests.processes import PROCESSES

from lakeward.catalog.iceberg import ConflictError, TableExistsError
from lakeward.catalog.ingest.write import SchemaMovedError, write_batches
from lakeward.catalog.lake import Lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import read_table
from lakeward.catalog.tags import remove_tag, set_tag

T = TableName("clinic", "shared")


def _append(root: str, start: int, count: int) -> None:
    lake = open_lake(Path(root))
    for n in range(start, start + count):
        write_batches(lake, T, pa.table({"n": [n]}).to_reader(), actor=f"writer{start}")


def _retag(root: str, tag: str, count: int) -> None:
    lake = open_lake(Path(root))
    for _ in range(count):
        set_tag(lake, T, "n", tag, actor=tag)
        remove_tag(lake, T, "n", tag, actor=tag, reason="again")
    set_tag(lake, T, "n", tag, actor=tag)


def _run(*processes: multiprocessing.process.BaseProcess) -> list[int | None]:
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    return [each.exitcode for each in processes]


def test_appends_and_tags_of_several_processes_all_land(lake: Lake) -> None:
    write_batches(lake, T, pa.table({"n": [0]}).to_reader(), tags={"n": ["origin.real"]}, actor="ada")
    root = str(lake.root)
    codes = _run(
        PROCESSES.Process(target=_append, args=(root, 100, 8)),
        PROCESSES.Process(target=_append, args=(root, 200, 8)),
        PROCESSES.Process(target=_retag, args=(root, "health", 4)),
        PROCESSES.Process(target=_retag, args=(root, "phi.mrn", 4)),
    )
    assert codes == [0] * 4
    rows = sorted(lake.iceberg().load_table(str(T)).scan().to_arrow().column("n").to_pylist())
    assert rows == [0, *range(100, 108), *range(200, 208)]
    pinned = lake.pin(T)
    assert pinned.columns[0].tags == {"origin.real", "health", "phi.mrn"}
    assert pinned.columns[0].is_classified
    assert not read_table(lake, T).table.disputed
    assert lake.audit.verify().is_intact


def test_only_one_creates(lake: Lake) -> None:
    rows = pa.table({"n": [1]})
    write_batches(lake, T, rows.to_reader(), mode="create", actor="ada")
    with pytest.raises(TableExistsError):
        write_batches(lake, T, rows.to_reader(), mode="create", actor="ada")


def test_a_table_made_meanwhile_is_a_conflict_and_stays_whole(lake: Lake) -> None:
    schema = pa.schema([("n", pa.int64())])
    other = open_lake(lake.root)

    def slow() -> "pa.RecordBatchReader":
        def batches() -> "Iterator[pa.RecordBatch]":
            write_batches(other, T, pa.table({"n": [1]}).to_reader(), actor="bob")
            yield pa.RecordBatch.from_pydict({"n": [2]}, schema)

        return pa.RecordBatchReader.from_batches(schema, batches())

    with pytest.raises((ConflictError, TableExistsError)):
        write_batches(lake, T, slow(), actor="ada")
    assert lake.iceberg().load_table(str(T)).scan().to_arrow().to_pylist() == [{"n": 1}]
    assert len(list((lake.root / "warehouse").rglob("*.parquet"))) == 1


def test_a_schema_that_moved_meanwhile_is_told(lake: Lake) -> None:
    from pyiceberg.types import StringType

    from lakeward.catalog.tables import evolve_table

    write_batches(lake, T, pa.table({"n": [1]}).to_reader(), actor="ada")
    schema = pa.schema([("n", pa.int64())])
    other = open_lake(lake.root)

    def batches() -> "Iterator[pa.RecordBatch]":
        evolve_table(other, T, lambda update: update.add_column("late", StringType()), actor="bob")
        yield pa.RecordBatch.from_pydict({"n": [2]}, schema)

    with pytest.raises(SchemaMovedError):
        write_batches(lake, T, pa.RecordBatchReader.from_batches(schema, batches()), actor="ada")
    assert lake.iceberg().load_table(str(T)).scan().to_arrow().to_pylist() == [{"n": 1, "late": None}]
