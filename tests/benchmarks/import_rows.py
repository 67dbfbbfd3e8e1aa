"""Measure the import of many rows: wall clock, CPU and peak memory, each in a fresh process.

    python tests/benchmarks/import_rows.py [ROWS]

Writes one JSON line for each format. The rows (8 columns: two texts, a date, a time, numbers, a code, a flag)
are made once and are not part of the measure.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

CHUNK = 500_000


def batches(rows: int) -> Iterator[pa.RecordBatch]:
    """Make rows of eight columns, seeded."""
    random = np.random.default_rng(7)
    for start in range(0, rows, CHUNK):
        count = min(CHUNK, rows - start)
        ids = np.arange(start, start + count)
        yield pa.RecordBatch.from_pydict(
            {
                "patient_id": pa.array(ids),
                "mrn": pa.array([f"M{each:09d}" for each in random.integers(0, 10**9, count)]),
                "zip": pa.array([f"{each:05d}" for each in random.integers(0, 10**5, count)]),
                "birth_date": pa.array(random.integers(0, 20_000, count).astype("datetime64[D]")),
                "taken_at": pa.array(random.integers(0, 1 << 50, count).astype("datetime64[us]")),
                "glucose": pa.array(random.normal(100, 15, count).round(1)),
                "code": pa.array(random.integers(0, 300, count).astype(str)),
                "is_fasting": pa.array(random.integers(0, 2, count).astype(bool)),
            }
        )


def write_sources(folder: Path, rows: int) -> list[Path]:
    """Write the same rows as Parquet and as CSV."""
    first = next(batches(1))
    parquet, csv = folder / "rows.parquet", folder / "rows.csv"
    with pq.ParquetWriter(parquet, first.schema) as one, pa_csv.CSVWriter(csv, first.schema) as other:
        for batch in batches(rows):
            one.write_batch(batch)
            other.write_batch(batch)
    return [parquet, csv]


def measure(source: Path, root: Path) -> None:
    """Import one file into a new lake in this process, and print what it took."""
    from lakeward.catalog.ingest.importing import import_table
    from lakeward.catalog.lake import init_lake
    from lakeward.catalog.names import TableName

    lake = init_lake(root)
    wall, cpu = time.perf_counter(), time.process_time()
    done = import_table(lake, TableName("bench", "rows"), source, actor="bench")
    figures = {
        "source": source.suffix,
        "megabytes": round(source.stat().st_size / 1e6),
        "rows": done.rows,
        "files": done.files,
        "wall_s": round(time.perf_counter() - wall, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(figures))


def main() -> None:
    """Make the sources, then measure each in a process of its own."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        for source in write_sources(Path(folder), rows):
            root = Path(folder) / source.suffix.strip(".")
            subprocess.run([sys.executable, __file__, "--one", str(source), str(root)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
