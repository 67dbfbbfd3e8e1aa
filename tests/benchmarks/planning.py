"""What planning costs: every query of TPC-H and TPC-DS, admitted, decided, rewritten and verified.

    python -m tests.benchmarks.planning [--runs 5] [--only tpch] [--lakes DIR] [--steps] [--beside]

Prints CPU milliseconds, the median and the 95th percentile of the queries' own medians; no query is run.
*Cold* is a text that was never seen, over tables that are pinned already; *pinning too* reads the catalog for
them. *Warm* is a text whose plan is kept: it is found, and checked against the pinned tables. The first run
makes the lakes; `--lakes` keeps them. *Beside* it, what sqlglot takes to parse a text, resolve its names and
write it again: what any rewriter pays that is made of it, before it has decided or checked anything.
"""

import argparse
import cProfile
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from sqlglot import parse_one
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema
from tests.bypass.test_tpc import PURPOSE, policy, source, tables

from lakeward.catalog.ingest.write import write_batches
from lakeward.catalog.lake import init_lake, open_lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tables import list_tables
from lakeward.gateway.engines.duckdb.parser import Function, Parser
from lakeward.gateway.engines.duckdb.prepare import Prepared
from lakeward.gateway.govern import govern
from lakeward.gateway.plan_cache import plan_key
from lakeward.gateway.serve.process import leave_start_alone
from lakeward.gateway.service import Gateway, open_gateway
from lakeward.gateway.session import Session
from lakeward.gateway.statement import Pins
from lakeward.policies.admit import admit
from lakeward.policies.rewrite.duckdb_types import duckdb_type

BENCHMARKS = ("tpch", "tpcds")
Texts = dict[int, str]
SHORT = frozenset({"warm", "warm, pinning too"})
IN_A_ROW = 20
"""So many of what is too short for a clock are measured as one."""


@contextmanager
def opened(benchmark: str, folder: Path) -> Iterator[tuple[Gateway, Texts]]:
    """Open a small lake of a benchmark's tables, under row filters and masks; make it where there is none."""
    connection, queries = source(benchmark)
    if not (folder / benchmark).exists():
        lake = init_lake(folder / benchmark)
        for table in tables(connection):
            reader = connection.table(table).to_arrow_reader(65_536)
            tags = {name: ["health"] for name in reader.schema.names}
            write_batches(lake, TableName("main", table), reader, mode="append", tags=tags, actor="benchmark")
        text = policy(connection, benchmark)
        (lake.root / "policies" / "tpc.yaml").write_text(text, encoding="utf-8")
        lake.close()
    connection.close()
    with open_gateway(open_lake(folder / benchmark)) as gateway:
        leave_start_alone()  # as a gateway that serves
        yield gateway, queries


@dataclass(frozen=True, slots=True)
class Planning:
    """Plans one text for one principal, step by step."""

    gateway: Gateway
    session: Session
    text: str

    def pins(self) -> Pins:
        """Nothing pinned yet."""
        return Pins(lake=self.gateway.lake)

    def cold(self, pins: Pins) -> Prepared:
        """Plan as for the first time."""
        gateway = self.gateway
        statement = govern(
            self.session, self.text, "0", policies=gateway.policies.current(), names=gateway.names, pins=pins
        )
        return gateway.engine.prepare(self.session, statement, gateway.planner.plan(self.session, statement))

    def warm(self, pins: Pins) -> Prepared | None:
        """Find the plan that is kept."""
        fingerprint = self.gateway.policies.current().fingerprint
        text = self.text.encode().decode()  # as it comes from a client: no hash of it is known
        key = plan_key(self.session, text, None, fingerprint)
        return self.gateway.plans.get(key, pins, self.session.context().now, "0")

    def keep(self, pins: Pins) -> None:
        """Keep the plan."""
        key = plan_key(self.session, self.text, None, self.gateway.policies.current().fingerprint)
        self.gateway.plans.keep(key, self.cold(pins), pins)


def ways(planning: Planning) -> dict[str, Callable[[], object]]:
    """What is measured of one text."""
    pinned = planning.pins()
    planning.keep(pinned)
    assert planning.warm(pinned) is not None
    return {
        "cold": lambda: planning.cold(pinned),
        "cold, pinning too": lambda: planning.cold(planning.pins()),
        "warm": lambda: planning.warm(pinned),
        "warm, pinning too": lambda: planning.warm(planning.pins()),
    }


def steps(planning: Planning) -> dict[str, Callable[[], object]]:
    """What a cold plan is made of."""
    pinned, gateway, session = planning.pins(), planning.gateway, planning.session
    policies = gateway.policies.current()
    statement = planning.cold(pinned).statement
    plan = gateway.planner.plan(session, statement)
    return {
        "of it, admit": lambda: admit(planning.text),
        "of it, admit and decide": lambda: govern(
            session, planning.text, "0", policies=policies, names=gateway.names, pins=pinned
        ),
        "of it, rewrite": lambda: gateway.planner.plan(session, statement),
        "of it, write and verify": lambda: gateway.engine.prepare(session, statement, plan),
        "cold, without the engine": without_the_engine(planning, pinned),
    }


def without_the_engine(planning: Planning, pinned: Pins) -> Callable[[], object]:
    """Plan with the engine's answers at hand: what lakeward and sqlglot take by themselves."""
    ask, answers = Parser._ask, dict[tuple[str, str], str | None]()

    def noted(parser: Parser, function: Function, argument: str) -> str | None:
        answers[function, argument] = ask(parser, function, argument)
        return answers[function, argument]

    with mock.patch.object(Parser, "_ask", noted):
        planning.cold(pinned)

    def plan() -> None:
        known = mock.patch.object(Parser, "_ask", lambda _parser, *asked: answers[asked])
        with known, mock.patch.object(Parser, "require_syntax", _nothing):
            planning.cold(pinned)

    return plan


def _nothing(_parser: Parser, _text: str) -> None:
    """What is asked of a syntax that is known."""


def beside(planning: Planning) -> dict[str, Callable[[], object]]:
    """What sqlglot alone takes."""
    lake, schema = planning.gateway.lake, MappingSchema(dialect="duckdb")
    for name in list_tables(lake):
        columns = {each.name: duckdb_type(each.type) for each in lake.pin(name.name).columns}
        schema.add_table(name.name.table, columns, dialect="duckdb")

    def whole() -> str:
        tree = qualify(parse_one(planning.text, dialect="duckdb"), dialect="duckdb", schema=schema)
        return tree.sql("duckdb")

    return {"beside it, sqlglot": whole}


def cpu(act: Callable[[], object], times: int) -> float:
    """CPU milliseconds of one act, all threads."""
    started = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - started) * 1e3 / times


def measure(
    gateway: Gateway, queries: Texts, runs: int, *, with_steps: bool, with_peer: bool
) -> dict[str, list[float]]:
    """Each query's median of each way, interleaved, after one warm-up."""
    session = gateway.session("ada", PURPOSE)
    medians: dict[str, list[float]] = {}
    for text in queries.values():
        planning = Planning(gateway, session, text)
        acts = ways(planning) | (steps(planning) if with_steps else {})
        acts |= beside(planning) if with_peer else {}
        taken: dict[str, list[float]] = {way: [] for way in acts}
        for number in range(runs + 1):
            for way, act in acts.items():
                spent = cpu(act, IN_A_ROW if way in SHORT else 1)
                if number:
                    taken[way].append(spent)
        for way, times in taken.items():
            medians.setdefault(way, []).append(statistics.median(times))
    return medians


def profile(gateway: Gateway, queries: Texts) -> None:
    """Print where the time of cold planning goes."""
    session = gateway.session("ada", PURPOSE)
    plannings = [Planning(gateway, session, text) for text in queries.values()]
    pinned = [(each, each.pins()) for each in plannings]
    for each, pins in pinned:
        each.cold(pins)
    profiler = cProfile.Profile()
    profiler.enable()
    for each, pins in pinned:
        each.cold(pins)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)


def main() -> None:
    """Measure both benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=BENCHMARKS)
    parser.add_argument("--lakes", type=Path, help="where the lakes are, or are to be")
    parser.add_argument("--steps", action="store_true", help="also what cold planning is made of")
    parser.add_argument("--beside", action="store_true", help="also what sqlglot takes by itself")
    parser.add_argument("--profile", action="store_true", help="where the time goes, and no figures")
    options = parser.parse_args()
    folder = options.lakes or Path(tempfile.mkdtemp())
    for benchmark in [options.only] if options.only else BENCHMARKS:
        with opened(benchmark, folder) as (gateway, queries):
            if options.profile:
                profile(gateway, queries)
            else:
                shown = {"with_steps": options.steps, "with_peer": options.beside}
                found = measure(gateway, queries, options.runs, **shown)
                tell(benchmark, found, options.runs)


def tell(benchmark: str, found: dict[str, list[float]], runs: int) -> None:
    """Print a line a way."""
    for way, each in found.items():
        middle, p95 = statistics.median(each), statistics.quantiles(each, n=20)[-1]
        sys.stdout.write(
            f"{benchmark:6} {way:24} p50 {middle:8.3f} ms, p95 {p95:8.3f} ms, n = {runs} of {len(each)}\n"
        )


if __name__ == "__main__":
    main()
