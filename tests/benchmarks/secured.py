"""TPC-H over Iceberg: what governing costs. Prints CPU ratios secured / raw, measured interleaved.

    python tests/benchmarks/secured.py [--scale 1] [--runs 5] [--lake DIR]

Needs the wheel duckdb-extension-tpch. The first run makes the lake, which takes a while; `--lake` keeps it.
"""

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module, resources
from pathlib import Path

import duckdb

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.engines.duckdb.connect import connect, load_iceberg
from lakeward.gateway.engines.duckdb.scan import scan
from lakeward.gateway.service import Gateway, open_gateway

TABLES = ("lineitem", "orders", "customer", "part", "partsupp", "supplier", "nation", "region")
Run = Callable[[str], object]


def tpch(scale: float) -> duckdb.DuckDBPyConnection:
    """A connection with TPC-H's tables and queries."""
    connection = duckdb.connect()
    folder = resources.files(import_module("duckdb_extension_tpch"))
    connection.load_extension(str(folder / "extensions" / f"v{duckdb.__version__}" / "tpch.duckdb_extension"))
    connection.execute(f"CALL dbgen(sf={scale})")
    return connection


def make_lake(root: Path, scale: float) -> None:
    """A lake with TPC-H's tables, every column classified."""
    lake, source = init_lake(root), tpch(scale)
    for table in TABLES:
        reader = source.table(table).to_arrow_reader(65_536)
        tags = {name: ["health"] for name in reader.schema.names}
        write_batches(lake, TableName("main", table), reader, mode="append", tags=tags, actor="benchmark")
    (root / "policies" / "tpch.yaml").write_text(
        Path(__file__).with_name("tpch_policies.yaml").read_text("utf-8"), encoding="utf-8"
    )
    lake.close()


def raw(lake: Lake) -> Run:
    """Run a query on plain views over the same files."""
    connection = connect()
    load_iceberg(connection)
    connection.execute("SET preserve_insertion_order = false; SET threads = 2")
    for table in TABLES:
        source = scan(lake.pin(TableName("main", table))).sql("duckdb")
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {source}")
    return lambda sql: connection.execute(sql).to_arrow_table()


def secured(gateway: Gateway, principal: str) -> Run:
    """Run a query through the gateway."""
    session = gateway.session(principal, "bench")
    return lambda sql: gateway.execute(session, sql).table()


def cpu(run: Run, sql: str) -> float:
    """CPU seconds of one run, all threads."""
    start = time.process_time()
    run(sql)
    return time.process_time() - start


def measure(ways: dict[str, Run], sql: str, runs: int) -> dict[str, float]:
    """Median CPU seconds of each way, interleaved, after one warm-up."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(runs + 1):
        for way, run in ways.items():
            taken = cpu(run, sql)
            if number:
                times[way].append(taken)
    return {way: statistics.median(each) for way, each in times.items()}


def main() -> None:
    """Print a row a query and the geometric means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--staged", action="store_true", help="stage every query")
    options = parser.parse_args()
    root = options.lake or Path(tempfile.mkdtemp()) / "lake"
    if not root.exists():
        make_lake(root, options.scale)
    lake = open_lake(root)
    queries = tpch(0).execute("SELECT query_nr, query FROM tpch_queries()").fetchall()
    with open_gateway(lake) as gateway:
        gateway.planner = replace(gateway.planner, may_fuse=not options.staged)
        gateway.answers.seconds = 0  # each run computes its answer
        plain = raw(lake)
        ways: dict[str, Run] = {"raw": plain, "raw again": plain}
        ways |= {name: secured(gateway, name) for name in ("identity", "filters", "masks", "both")}
        ratios: dict[str, list[float]] = {way: [] for way in ways}
        for number, sql in queries:
            medians = measure(ways, sql, options.runs)
            for way, taken in medians.items():
                ratios[way].append(taken / medians["raw"])
            path = gateway.explain(gateway.session("both", "bench"), sql).way
            cells = "  ".join(f"{name} {ratios[name][-1]:5.2f}" for name in ways if name != "raw")
            print(f"Q{number:<3}{medians['raw'] * 1000:8.0f} ms  {cells}  {path}", flush=True)
    for way, each in ratios.items():
        mean = math.exp(statistics.fmean(map(math.log, each)))
        print(f"{way:10} geometric mean {mean:.3f}, worst {max(each):.2f}, n = {options.runs} of {len(each)}")


if __name__ == "__main__":
    main()
