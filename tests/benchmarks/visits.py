"""A lake of one large table that the benchmarks of the doors ask, and DuckDB alone over the same files."""

import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName

SQL = "SELECT id, code, score FROM clinic.visit"
POLICY = """
version: 1
roles: {reader: {members: [ada]}}
purposes: [research]
grants:
  - id: all
    to: [reader]
    tables: ["clinic.*"]
    columns: [{tags: [health, sensitivity.none], mask: clear}]
"""


def make_lake(root: Path, rows: int) -> Lake:
    """Write a table of a bigint, a varchar and a double."""
    lake = init_lake(root)
    (lake.policies_dir / "all.yaml").write_text(POLICY, "utf-8")
    numbers = np.arange(rows, dtype=np.int64)
    codes = pa.array([f"code-{number}" for number in range(1000)])
    table = pa.table(
        {
            "id": numbers,
            "code": pa.DictionaryArray.from_arrays(pa.array(numbers % 1000, pa.int32()), codes).cast(
                pa.string()
            ),
            "score": np.sqrt(numbers),
        }
    )
    tags = {"id": ["sensitivity.none"], "code": ["health"], "score": ["health"]}
    write_batches(
        lake, TableName("clinic", "visit"), table.to_reader(65536), mode="create", tags=tags, actor="b"
    )
    return lake


def in_duckdb(files: list[str]) -> int:
    """Read the lake's files with DuckDB alone."""
    with duckdb.connect() as connection:
        connection.execute("SET threads=2")
        reader = connection.execute("SELECT id, code, score FROM read_parquet(?)", [files]).to_arrow_reader(
            65536
        )
        return sum(batch.num_rows for batch in reader)


def timed(work: Callable[[], int]) -> float:
    """Give the seconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
