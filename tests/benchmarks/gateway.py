"""Throughput and latency of a gateway in one process and over workers, against DuckDB alone.

Run: `python tests/benchmarks/gateway.py`. Rounds are interleaved; medians with their spread are printed.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.engines.duckdb.connect import connect, load_iceberg
from lakeward.gateway.engines.duckdb.scan import local_path
from lakeward.gateway.service import Gateway, open_gateway

ROWS = 5_000_000
ROUNDS = 5
STATEMENTS = 300
POLICY = """
version: 1
roles: {researcher: {members: [ada]}}
purposes: [research]
grants:
  - {id: all, to: [researcher], tables: ["clinic.*"], columns: [{tags: [sensitivity.none], mask: clear}]}
"""
FUSED = "SELECT id, s, d FROM clinic.big"
STAGED = "SELECT id, s, list_transform([d], lambda x: x)[1] AS d FROM clinic.big"
ONE_FUSED = "SELECT id FROM clinic.small WHERE id = 77"
ONE_STAGED = "SELECT list_transform([id], lambda x: x)[1] AS id FROM clinic.small WHERE id = 77"


def make_lake(folder: Path) -> Lake:
    """Make a table of five million rows and one of a hundred."""
    lake = init_lake(folder / "lake")
    for name, rows in (("big", ROWS), ("small", 100)):
        made = duckdb.execute(
            "SELECT range AS id, 'v' || range % 100000 AS s, range * 0.5 AS d FROM range($rows)",
            {"rows": rows},
        ).to_arrow_table()
        tags = {each: ["sensitivity.none"] for each in made.column_names}
        write_batches(
            lake, TableName("clinic", name), made.to_reader(), mode="create", tags=tags, actor="bench"
        )
    (lake.root / "policies" / "all.yaml").write_text(POLICY, encoding="utf-8")
    return lake


def drained(batches: Iterable[pa.RecordBatch]) -> None:
    """Read every row and count them."""
    assert sum(each.num_rows for each in batches) == ROWS


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that an act takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def throughput(lake: Lake, gateways: dict[str, Gateway]) -> None:
    """Print rows a second, by way, interleaved."""
    alone = connect()
    load_iceberg(alone)
    place = local_path(lake.pin(TableName("clinic", "big")).metadata_location)
    raw = f"SELECT id, s, d FROM iceberg_scan('{place}')"
    ways: dict[str, Callable[[], None]] = {
        "DuckDB alone": lambda: drained(alone.execute(raw).to_arrow_reader(65_536)),
        "DuckDB alone again": lambda: drained(alone.execute(raw).to_arrow_reader(65_536)),
    }
    for name, gateway in gateways.items():
        for way, sql in (("fused", FUSED), ("staged", STAGED)):
            session = gateway.session("ada", "research")
            ways[f"{name}, {way}"] = lambda g=gateway, s=session, q=sql: drained(g.execute(s, q).batches)  # type: ignore[misc]
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for act in ways.values():
        act()
    for _ in range(ROUNDS):
        for name, act in ways.items():
            taken[name].append(timed(act))
    base = statistics.median(taken["DuckDB alone"])
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        sys.stdout.write(
            f"{name:24} {ROWS / middle / 1e6:6.1f} M rows/s, {base / middle:.2f}x, "
            f"{min(seconds):.2f}-{max(seconds):.2f} s, n={ROUNDS}\n"
        )


def latency(gateways: dict[str, Gateway]) -> None:
    """Print milliseconds of a warm SELECT of one row, with both audit records, one statement at a time."""
    for way, sql in (("fused", ONE_FUSED), ("staged", ONE_STAGED)):
        taken: dict[str, list[float]] = {name: [] for name in gateways}
        for _ in range(STATEMENTS):
            for name, gateway in gateways.items():
                session = gateway.session("ada", "research")
                taken[name].append(timed(lambda g=gateway, s=session, q=sql: g.execute(s, q).table()))  # type: ignore[misc]
        for name, seconds in taken.items():
            cuts = statistics.quantiles(seconds[10:], n=100)
            sys.stdout.write(
                f"{name:12} {way:8} p50 {1e3 * cuts[49]:.2f} ms, p99 {1e3 * cuts[98]:.2f} ms, "
                f"n={len(seconds) - 10}\n"
            )


def main() -> None:
    """Measure both engines over one lake."""
    with tempfile.TemporaryDirectory() as folder:
        lake = make_lake(Path(folder))
        with open_gateway(lake) as one, open_gateway(lake, workers=True) as many:
            gateways = {"one process": one, "workers": many}
            for gateway in gateways.values():
                gateway.answers.seconds = 0  # each answer is made anew
            throughput(lake, gateways)
            latency(gateways)


if __name__ == "__main__":
    main()
