"""Opening and pinning import nothing heavy and take little time: every query pays for them."""

import subprocess
import sys
import time

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName

HEAVY = {"pyiceberg", "pyarrow", "duckdb", "sqlglot", "casbin", "pandas", "numpy", "great_expectations"}
PROGRAM = """
import sys, time
from pathlib import Path
from lakeward.catalog.lake import open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog import tables, tags
lake = open_lake(Path(sys.argv[1]))
lake.pin(TableName("clinic", "patient"))
print(time.process_time())
tables.describe_table(lake, TableName("clinic", "patient"))
tables.list_tables(lake), tags.find_tags(lake, "phi.name")
print(*{each.partition(".")[0] for each in sys.modules})
"""


def test_reading_the_catalog_imports_nothing_heavy(lake: Lake, patient: TableName) -> None:
    assert lake.pin(patient).columns
    words = [sys.executable, "-c", PROGRAM, str(lake.root)]
    out = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    assert float(out[0]) < 1.0  # seconds of CPU, imports and interpreter included; 0.3 where this was written
    assert "sqlalchemy" in out[1].split()
    assert not HEAVY & set(out[1].split())


def test_pinning_again_is_fast(lake: Lake, patient: TableName) -> None:
    lake.pin(patient)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        lake.pin(patient)
        times.append(time.perf_counter() - start)
    assert sorted(times)[25] < 0.02  # seconds; 0.002 where this was written
