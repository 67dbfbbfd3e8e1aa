"""What a decision costs: warm, for a principal who asks for the first time, after a change of the documents.

    python tests/benchmarks/decisions.py [--rules 10 1000 10000 100000] [--files 100]

Prints CPU times, median and 95th percentile, and how many times a decision `enforce()` costs. The answers of
both are compared in the same run.
"""

import argparse
import datetime as dt
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.taxonomy import load_taxonomy
from lakeward.catalog.types import Field, PrimitiveType
from lakeward.policies.decide import CompiledPolicies, compile_policies
from lakeward.policies.load import load_policies
from lakeward.policies.principal import Principal, RequestContext
from lakeward.policies.rules import Asked

TAXONOMY = load_taxonomy()
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
TAGS = ("health", "phi.name", "phi.geo", "phi.date", "genomic", "sensitivity.none")
COLUMNS, TABLES, NAMESPACES = 20, 40, 25
MASKS = ("clear", "pseudonym", "mask-alphanum", "replace-with-null")
ENFORCED_UP_TO = 10_000
"""Rules beyond which one question to `enforce()` takes seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """Times of one thing, in milliseconds of CPU."""

    median: float
    p95: float

    @classmethod
    def of(cls, times: Sequence[float]) -> "Spread":
        ordered = sorted(times)
        return cls(median=statistics.median(ordered) * 1e3, p95=ordered[int(0.95 * (len(ordered) - 1))] * 1e3)

    def __str__(self) -> str:
        return f"{self.median:9.4f} ({self.p95:9.4f})"


def documents(rules: int, files: int, folder: Path) -> None:
    """Write about so many grants, and a restriction to every fifty, in so many files."""
    roles = max(3, rules // 20)
    draw = random.Random(rules)  # noqa: S311  a sample, no secret
    members = (
        f"  r{n}: {{members: [p{n}, p{n + 1}], includes: [{f'r{n + 1}' if n % 20 else ''}]}}"
        for n in range(roles - 1)
    )
    head = ["version: 1", "purposes: [research, treatment]", "roles:", *members, f"  r{roles - 1}: {{}}"]
    (folder / "roles.yaml").write_text("\n".join(head) + "\n", "utf-8")
    per_file = max(1, rules // files)
    for start in range(0, rules, per_file):
        lines = ["version: 1", "grants:"]
        lines += [grant(draw, n, roles) for n in range(start, min(rules, start + per_file))]
        if start % (per_file * 4) == 0:
            lines += ["restrictions:", restriction(draw, start, roles)]
        (folder / f"rules-{start:06}.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def grant(draw: random.Random, number: int, roles: int) -> str:
    """Write one grant."""
    tags = ", ".join(draw.sample(TAGS, 3))
    return (
        f"  - {{id: g{number}, to: [r{draw.randrange(roles)}], tables: ['{place(draw)}'],"
        f' rows: "site = {number % 500}",'
        f" columns: [{{tags: [{tags}], mask: {draw.choice(MASKS)}}}]}}"
    )


def restriction(draw: random.Random, number: int, roles: int) -> str:
    """Write one restriction."""
    whom = draw.choice((f"to: [r{draw.randrange(roles)}]", f"except: [r{draw.randrange(roles)}]"))
    what = f"tables: ['{place(draw)}'], columns: [{{tags: [phi.name], mask: hidden}}]"
    return f"  - {{id: x{number}, {whom}, {what}}}"


def place(draw: random.Random) -> str:
    """Name a table, sometimes a namespace."""
    namespace = f"ns{draw.randrange(NAMESPACES)}"
    return draw.choice((f"{namespace}.*", *(f"{namespace}.t{draw.randrange(TABLES)}" for _ in range(9))))


def table(number: int) -> PinnedTable:
    """Pin a table of twenty columns that is not there, anew each time, as a query does."""
    columns = tuple(
        PinnedColumn(
            field=Field(n, f"c{n}", PrimitiveType("string")),
            tags=frozenset({TAGS[n % len(TAGS)]}),
            is_classified=True,
        )
        for n in range(1, COLUMNS + 1)
    )
    name = TableName(f"ns{number % NAMESPACES}", f"t{number % TABLES}")
    return PinnedTable(
        name=name,
        uuid=str(name),
        metadata_location=f"{name}/1.json",
        snapshot_id=1,
        schema_id=0,
        columns=columns,
        tags=frozenset(),
        location=str(name),
    )


def timed(act: Callable[[], object]) -> float:
    """Measure one call, in seconds of this thread's CPU."""
    start = time.thread_time()
    act()
    return time.thread_time() - start


def asks(rules: int, principal: int, purpose: str = "research") -> RequestContext:
    """Ask as one of the principals."""
    who = Principal(name=f"p{principal % max(3, rules // 20)}")
    return RequestContext(principal=who, purpose=purpose, now=NOW)


def warm(policies: CompiledPolicies, rules: int) -> Spread:
    """Decide again what was decided before, over a table that was pinned anew."""
    context = asks(rules, 1)
    policies.weigh(context, table(1))
    pinned = [table(1) for _ in range(2_000)]
    return Spread.of([timed(partial(policies.weigh, context, each)) for each in pinned])


def cold(policies: CompiledPolicies, rules: int) -> Spread:
    """Decide for principals who ask for the first time."""
    questions = [(asks(rules, n), table(n)) for n in range(min(1_000, max(3, rules // 20)))]
    return Spread.of([timed(partial(policies.weigh, *each)) for each in questions])


def reloads(folder: Path, times: int = 7) -> Spread:
    """Read all documents again after one file of them changed."""
    files = sorted(folder.glob("rules-*.yaml"))

    def change(number: int) -> float:
        file = files[number % len(files)]
        file.write_text(file.read_text("utf-8") + f"# {number}\n", "utf-8")
        return timed(lambda: compile_policies(load_policies(folder, TAXONOMY), TAXONOMY))

    return Spread.of([change(number) for number in range(times)])


def enforced(policies: CompiledPolicies, rules: int, cells: int) -> tuple[Spread, int]:
    """Ask `enforce()` about one grant and tag, and count the answers that agree."""
    enforcer = policies.enforcer
    times, agreed = [], 0
    for who, pinned, tag, name in questions(policies, rules, cells):
        asked = Asked(
            principal=who.principal.name,
            purpose="research",
            table=str(pinned.name),
            tags=frozenset(TAGS),
            selector=f"tag:{tag}",
            grant=name,
            now=NOW,
        ).tokens()
        start = time.thread_time()
        allowed: bool = enforcer.enforce(*asked)
        times.append(time.thread_time() - start)
        shown = [each for each in policies.weigh(who, pinned).grants if each.grant_id == name]
        column = next(each for each in pinned.columns if tag in each.tags)
        agreed += (column.field_id in shown[0].masks if shown else False) == allowed
    return Spread.of(times), agreed


def questions(
    policies: CompiledPolicies, rules: int, cells: int
) -> Iterator[tuple[RequestContext, PinnedTable, str, str]]:
    """Ask by turns about a grant that the principal has and about any."""
    draw = random.Random(7)  # noqa: S311  a sample, no secret
    for number in range(cells):
        context = asks(rules, draw.randrange(rules))
        mine = policies.snapshot(context.principal).roles
        had = (
            [each for each in policies.documents.grants if not mine.isdisjoint(each.to)] if number % 2 else []
        )
        chosen = draw.choice(had or policies.documents.grants)
        namespace, _, name = chosen.tables[0].partition(".")
        base = table(0)
        where = TableName(namespace, draw.choice(("t1", "t2")) if name == "*" else name)
        pinned = PinnedTable(
            name=where,
            uuid=str(where),
            metadata_location=str(where),
            snapshot_id=1,
            schema_id=0,
            columns=base.columns,
            tags=frozenset(),
            location="",
        )
        yield context, pinned, draw.choice([*chosen.columns[0].tags] if number % 4 else TAGS), chosen.id


def report(rules: int, files: int) -> Iterator[str]:
    """Measure one number of rules."""
    folder = Path(tempfile.mkdtemp())
    documents(rules, files, folder)
    start = time.thread_time()
    policies = compile_policies(load_policies(folder, TAXONOMY), TAXONOMY)
    yield f"\n{rules} rules: first load {time.thread_time() - start:.2f} s"
    yield f"  cold principal  {(before := cold(policies, rules))}"
    yield f"  warm decision   {(again := warm(policies, rules))}"
    yield f"  reload          {reloads(folder)}"
    if rules <= ENFORCED_UP_TO:
        cells = 200 if rules < ENFORCED_UP_TO else 40
        reference, agreed = enforced(policies, rules, cells)
        yield f"  one enforce()   {reference}, agreed {agreed}/{cells}"
        ratios = [COLUMNS * reference.median / each.median for each in (again, before)]
        yield "  20 x enforce() / decision: warm {:,.0f}, cold {:,.0f}".format(*ratios)
    shutil.rmtree(folder)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, nargs="+", default=[10, 1_000, 10_000, 100_000])
    parser.add_argument("--files", type=int, default=100)
    chosen = parser.parse_args()
    sys.stdout.write("ms of CPU, median (95th percentile)\n")
    for rules in chosen.rules:
        for line in report(rules, chosen.files):
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
