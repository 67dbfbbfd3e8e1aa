"""How long tags take: `tag find` over many tables, `tag set` on a wide one.

    python tests/benchmarks/tags.py --tables 10000 --columns 50 --wide 5000

The many tables are copies of one that lakeward made, each with an id, a signature and ledger rows of its own.
"""

import argparse
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from sqlalchemy import insert, text

from lakeward.catalog.context import TagContext, paths_of
from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import Lake, init_lake
from lakeward.catalog.metadata import local_path
from lakeward.catalog.names import TableName
from lakeward.catalog.signature import sign
from lakeward.catalog.store.schema import tag_commit, tag_context
from lakeward.catalog.tags import find_tags, set_tag

NAMESPACES = 20
EVERY = 100  # one table in so many bears what is searched


def make_lake(root: Path, tables: int, columns: int) -> Lake:
    """Make a lake with many tables of so many columns, all tagged."""
    lake = init_lake(root)
    data = pa.table({f"column_{n}": ["x"] for n in range(columns)})
    tags = {f"column_{n}": ["sensitivity.none"] for n in range(columns)}
    model = TableName("n0", "model")
    write_batches(lake, model, data.to_reader(), tags=tags, actor="bench")
    metadata = lake.metadata(lake.pin(model).metadata_location)
    own = {str(each.field_id): frozenset({"sensitivity.none"}) for each in metadata.fields}
    folder = local_path(metadata.location).parent
    rows: list[dict[str, object]] = []
    with lake.store.writing() as connection:
        for number in range(tables - 1):
            name = TableName(f"n{number % NAMESPACES}", f"t{number}")
            rare = {"2": frozenset({"phi.ssn"})} if number % EVERY == 0 else {}
            identity = str(uuid.uuid4())
            signed = sign(lake.keys.derive("tags"), identity, 1, {**own, **rare})
            raw = {**metadata.raw, "table-uuid": identity, "properties": signed.properties()}
            path = folder / f"{number}.metadata.json"
            path.write_text(json.dumps(raw), "utf-8")
            listed = {key: sorted(each) for key, each in signed.tags.items()}
            made = connection.execute(
                insert(tag_commit).values(
                    at="2026-01-01T00:00:00.000000+00:00",
                    subject=identity,
                    generation=1,
                    digest=signed.digest,
                    tags=json.dumps(listed),
                    state="applied",
                )
            )
            context = TagContext(name=str(name), columns=paths_of(metadata.fields))
            connection.execute(insert(tag_context).values(context.row(int(made.lastrowid))))
            rows.append({"c": lake.config.name, "n": name.namespace, "t": name.table, "m": str(path)})
    _list_tables(lake, rows)
    return lake


def _list_tables(lake: Lake, rows: list[dict[str, object]]) -> None:
    statement = text(
        "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, "
        "iceberg_type) VALUES (:c, :n, :t, :m, 'TABLE')"
    )
    with lake.catalog_engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(statement, rows)
        connection.commit()


def timed(act: Callable[[], object], times: int) -> str:
    """Give median and worst seconds, wall clock and CPU, of doing something so many times."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return (
        f"median {statistics.median(walls):.3f} s, worst {max(walls):.3f} s "
        f"(CPU {statistics.median(cpus):.3f}, {max(cpus):.3f}), n = {times}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--wide", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=7, choices=range(1, 8))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake = make_lake(Path(folder) / "lake", given.tables, given.columns)
        print(f"find, cold index   {timed(lambda: find_tags(lake, 'phi.ssn'), 1)}")
        print(f"found              {len(find_tags(lake, 'phi.ssn'))} of {given.tables} x {given.columns}")
        print(f"find, warm index   {timed(lambda: find_tags(lake, 'phi.ssn'), given.times)}")
        one = TableName("n0", "model")

        def change_and_find() -> None:
            tags = iter(
                ("phi.mrn", "phi.email", "phi.phone", "phi.fax", "health", "genomic", "phi.url", "phi.ip")
            )
            present = lake.pin(one).columns[0].tags
            set_tag(lake, one, "column_0", next(each for each in tags if each not in present), actor="bench")
            find_tags(lake, "phi.ssn")

        print(f"set, then find     {timed(change_and_find, given.times)}")
        wide = TableName("n0", "wide")
        data = pa.table({f"column_{n}": [n] for n in range(given.wide)})
        tags = {f"column_{n}": ["sensitivity.none"] for n in range(0, given.wide, 2)}
        write_batches(lake, wide, data.to_reader(), tags=tags, actor="bench")
        numbers = iter(range(given.wide))

        def change_wide() -> None:
            set_tag(lake, wide, f"column_{next(numbers)}", "health", actor="bench")

        print(f"set, {given.wide} columns  {timed(change_wide, given.times)}")
        lake.close()


if __name__ == "__main__":
    main()
