"""`lakeward lineage`: follow a table, a column or a raw file to what it came from and what came of it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output, TableOutput
from lakeward.cli.query import read_sql

if TYPE_CHECKING:
    from lakeward.lineage.edges import ColumnLineage
    from lakeward.lineage.graph import Row

COLUMNS = ("depth", "dataset", "column", "version", "how", "runs")
_SHOWN = 12  # characters of a version on a terminal


@click.group("lineage")
def lineage() -> None:
    """Follow data from where it came.

    NAME is `namespace.table`, `namespace.table.column`, or the path of a raw file. A version may follow:
    `@` and a snapshot's id.
    """


@lineage.command("columns", epilog="Example: lakeward lineage columns 'SELECT max(age) AS m FROM main.visit'")
@click.argument("sql")
@click.option("--dialect", default="duckdb", show_default=True, help="The dialect of SQL.")
@lake_and_output
def columns(sql: str, *, dialect: str, lake: Path, output: Output) -> None:
    """Say which columns reach each output of SQL, and which decide it, without running it.

    SQL is one statement, or `-` to read it from stdin. The output `*` is the whole answer.
    """
    from lakeward.lineage.sql import sql_lineage

    found = sql_lineage(open_lake(lake), read_sql(sql), dialect)
    if found.unproven:
        output.message(f"Not derived but claimed to be sure, because of {found.unproven}.")
    names = ["output", "source", "kind", "how", "masking", "proven"]
    output.rows("Column lineage", names, claims(found))


def claims(found: "ColumnLineage") -> Iterator[tuple[object, ...]]:
    """Give the edges as rows, those of the whole output last."""
    for edge in sorted(found.edges, key=lambda edge: (not edge.output, edge)):
        source = f"{edge.source.table}.{edge.source.column}"
        masking = edge.strength.name.lower() if edge.masking and edge.strength else edge.masking
        yield edge.output or "*", source, edge.kind.value, edge.subtype, masking, edge.is_proven


@lineage.command("show", epilog="Example: lakeward lineage show mart.cohort.ckd")
@click.argument("name")
@lake_and_output
def show(name: str, *, lake: Path, output: Output) -> None:
    """Show what NAME was written from, one step back."""
    from lakeward.lineage.graph import LineageGraph

    tell(LineageGraph(open_lake(lake).store).show(reference(name)), output)


@lineage.command("upstream", epilog="Example: lakeward lineage upstream fusion.inputs.embedding")
@click.argument("name")
@click.option(
    "--depth", type=click.IntRange(min=1), help="How many steps back; by default, to the raw files."
)
@lake_and_output
def upstream(name: str, *, depth: int | None, lake: Path, output: Output) -> None:
    """Follow NAME back to everything it came from, raw files with their SHA-256 included."""
    from lakeward.lineage.graph import LineageGraph, rows

    tell(rows(LineageGraph(open_lake(lake).store).upstream(reference(name), depth)), output)


@lineage.command("downstream", epilog="Example: lakeward lineage downstream raw.notes.text --depth 1")
@click.argument("name")
@click.option("--depth", type=click.IntRange(min=1), help="How many steps on; by default, to the last.")
@lake_and_output
def downstream(name: str, *, depth: int | None, lake: Path, output: Output) -> None:
    """Follow NAME on to everything that came of it."""
    from lakeward.lineage.graph import LineageGraph, rows

    tell(rows(LineageGraph(open_lake(lake).store).downstream(reference(name), depth)), output)


@lineage.command("impact", epilog="Example: lakeward lineage impact raw/labs.parquet")
@click.argument("name")
@lake_and_output
def impact(name: str, *, lake: Path, output: Output) -> None:
    """List what a change of NAME may change, each once, nearest first."""
    from lakeward.lineage.graph import LineageGraph

    tell(LineageGraph(open_lake(lake).store).impact(reference(name)), output)


@lineage.command("events", epilog="Example: lakeward lineage events --limit 5 --format json")
@click.option("--run", "run_id", metavar="RUN", help="Only this run.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many events.")
@lake_and_output
def events(*, run_id: str | None, limit: int, lake: Path, output: Output) -> None:
    """List the newest runs' events; `lakeward lineage export` gives them whole."""
    from lakeward.lineage.recorder import LineageRecorder

    found = list(LineageRecorder(open_lake(lake).store).events(run_id))[-limit:]
    names = ["at", "state", "job", "inputs", "outputs", "run"]
    output.rows(
        "Events",
        names,
        (
            (
                each["eventTime"],
                each["eventType"],
                each["job"]["name"],
                len(each["inputs"]),
                len(each["outputs"]),
                each["run"]["runId"],
            )
            for each in reversed(found)
        ),
    )


@lineage.command("export", epilog="Example: lakeward lineage export events.ndjson")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@lake_and_output
def export(path: Path, *, lake: Path, output: Output) -> None:
    """Write every event to FILE as OpenLineage JSON, one to a line."""
    from lakeward.lineage.recorder import LineageRecorder

    output.record({"events": LineageRecorder(open_lake(lake).store).export(path), "file": str(path)})


@lineage.command("verify", epilog="Example: lakeward lineage verify")
@lake_and_output
def verify(*, lake: Path, output: Output) -> None:
    """Find runs without an end and snapshots that no run tells of; exit 1 when there is one."""
    from lakeward.lineage.verify import verify_lineage

    found = verify_lineage(open_lake(lake))
    gaps = ((each.run_id, each.table, each.snapshot_id, each.what) for each in found.gaps)
    output.rows("Gaps", ["run", "table", "snapshot", "what"], gaps)
    found.require()


def reference(name: str) -> str:
    """Spell the path of a file as it is recorded: absolute."""
    return str(Path(name).absolute()) if "/" in name or Path(name).is_file() else name


def tell(found: "Iterable[Row]", output: Output) -> None:
    """Give references as rows; for people indented by depth, versions cut short and runs left out."""
    if isinstance(output, TableOutput):
        output.rows("Lineage", ["name", "version", "how"], (_for_people(row) for row in found))
    else:
        output.rows("Lineage", COLUMNS, (_for_programs(row) for row in found))


def _for_people(row: "Row") -> tuple[object, ...]:
    version = row.reference.version
    short = version[:_SHOWN] if version and row.reference.is_file else version
    return "  " * (row.depth - 1) + row.reference.name, short, row.ways


def _for_programs(row: "Row") -> tuple[object, ...]:
    reference = row.reference
    return row.depth, reference.dataset, reference.field, reference.version, list(row.ways), list(row.runs)
