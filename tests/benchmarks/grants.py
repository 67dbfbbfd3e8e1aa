"""Many grants over one table: what the union of cells costs. Prints CPU ratios to the bare scan, interleaved.

    python tests/benchmarks/grants.py [--rows 10000000] [--runs 3] [--lake DIR]

A third of the grants filter by a column, a third by a consent subquery, a third by a care team.
"""

import argparse
import tempfile
from pathlib import Path

import duckdb
from secured import Run, measure, secured  # type: ignore[import-not-found]  # beside this file

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.gateway.engines.duckdb.connect import connect, load_iceberg
from lakeward.gateway.engines.duckdb.scan import scan
from lakeward.gateway.service import open_gateway

QUERIES = {
    "aggregate": "SELECT site, count(*), sum(value), min(name) FROM main.ev GROUP BY site",
    "one patient": "SELECT * FROM main.ev WHERE patient_id = 4711",
    "id range": "SELECT * FROM main.ev WHERE id BETWEEN 5000000 AND 5000100",
}
MASKS = ("clear", "prefix: {length: 5}", "replace-with-null")


def make_lake(root: Path, rows: int) -> None:
    """Events of 100,000 patients, consent and care teams, and policies for 1 to 50 grants."""
    lake, source = init_lake(root), duckdb.connect()
    tables = {
        "ev": "SELECT i AS id, i % 100000 AS patient_id, 'H' || (i % 8) AS site, "
        "'name ' || (i % 5000) AS name, "
        f"CAST(i % 977 AS DOUBLE) AS value FROM range({rows}) t(i)",
        "consent": "SELECT i AS patient_id, i % 20 AS study FROM range(100000) t(i)",
        "care": "SELECT i AS patient_id, 'm' || (i % 40) AS member FROM range(100000) t(i)",
    }
    for name, sql in tables.items():
        reader = source.sql(sql).to_arrow_reader(65_536)
        tags = {column: ["health"] for column in reader.schema.names}
        write_batches(lake, TableName("main", name), reader, mode="append", tags=tags, actor="benchmark")
    (root / "policies" / "grants.yaml").write_text(policies(), encoding="utf-8")
    lake.close()


def policies() -> str:
    """One role for each number of grants."""
    lines = ["version: 1", "purposes: [bench]", "roles:"]
    lines += [f"  r{k}: {{members: [p{k}]}}" for k in (1, 2, 5, 20, 50)]
    lines.append("grants:")
    for k in (1, 2, 5, 20, 50):
        lines += [grant(k, i) for i in range(k)]
    return "\n".join(lines) + "\n"


def grant(k: int, i: int) -> str:
    """Grant `i` of `k`."""
    rows = (
        f"site = 'H{i % 8}'",
        f"patient_id IN (SELECT patient_id FROM main.consent WHERE study = {i})",
        f"patient_id IN (SELECT patient_id FROM main.care WHERE member = 'm{i}')",
    )[i % 3]
    mask = MASKS[i % 3]
    columns = f"[{{names: [id, patient_id, site, value], mask: clear}}, {{names: [name], mask: {{{mask}}}}}]"
    if ":" not in mask:
        columns = columns.replace(f"{{{mask}}}", mask)
    return f'  - {{id: g{k}-{i}, to: [r{k}], tables: [main.ev], rows: "{rows}", columns: {columns}}}'


def main() -> None:
    """Print a row a query."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lake", type=Path)
    options = parser.parse_args()
    root = options.lake or Path(tempfile.mkdtemp()) / "lake"
    if not root.exists():
        make_lake(root, options.rows)
    lake = open_lake(root)
    bare = connect()
    load_iceberg(bare)
    bare.execute("SET preserve_insertion_order = false; SET threads = 2; CREATE SCHEMA IF NOT EXISTS main")
    bare.execute(f"CREATE VIEW ev AS SELECT * FROM {scan(lake.pin(TableName('main', 'ev'))).sql('duckdb')}")
    with open_gateway(lake) as gateway:
        gateway.answers.seconds = 0  # each run computes its answer
        for name, sql in QUERIES.items():
            ways: dict[str, Run] = {"bare": lambda text: bare.execute(text).to_arrow_table()}
            ways |= {str(k): secured(gateway, f"p{k}") for k in (1, 2, 5, 20, 50)}
            medians = measure(ways, sql, options.runs)
            cells = "  ".join(
                f"k={way} {taken / medians['bare']:5.2f}" for way, taken in medians.items() if way != "bare"
            )
            print(f"{name:12} bare {medians['bare'] * 1000:7.0f} ms  {cells}", flush=True)


if __name__ == "__main__":
    main()
