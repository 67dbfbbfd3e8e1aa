"""`lakeward explain`: what was decided for a statement, and why, without running it."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import CsvOutput, JsonOutput, Output
from lakeward.cli.query import read_sql

if TYPE_CHECKING:
    from lakeward.gateway.explain import Explanation

COLUMNS = ("table", "column", "shows", "decided by", "kind", "why")


@click.command(
    "explain", epilog="Example: lakeward explain 'SELECT * FROM main.visit' --as ada --purpose research"
)
@click.argument("sql")
@click.option("--as", "principal", required=True, metavar="PRINCIPAL", help="Who would ask.")
@click.option("--purpose", metavar="PURPOSE", help="For what.")
@click.option(
    "--at", metavar="SNAPSHOT|TAG|TIME", help="Read the tables as they were; by default, as they are."
)
@lake_and_output
def explain(
    sql: str, *, principal: str, purpose: str | None, at: str | None, lake: Path, output: Output
) -> None:
    """Say what was decided for SQL, and why.

    Which grants and restrictions acted on which table and column; what would lift a denial; whether the
    statement runs fused or staged. Row filters and the rewritten SQL show only to a principal with the right
    policy.read. SQL is one statement, or `-` to read it from stdin.
    """
    from lakeward.gateway.service import open_gateway

    text = read_sql(sql)
    with open_gateway(open_lake(lake)) as gateway:
        found = gateway.explain(gateway.session(principal, purpose), text, at=at)
    if isinstance(output, JsonOutput):
        output.record(asdict(found))
    elif isinstance(output, CsvOutput):
        output.rows("Columns", COLUMNS, decisions(found))
    else:
        tell(found, output)


def tell(found: "Explanation", output: Output) -> None:
    """Tell a person: the outcome first, then table by table, then the SQL."""
    staged = {"staged for": found.why_staged} if found.why_staged else {}
    if found.denied is not None:
        output.record({"outcome": "refused", "because": found.denied, "to lift it": found.hint})
    else:
        output.record({"outcome": f"runs {found.way}", **staged})
    if found.tables:
        tell_tables(found, output)
    for statement in found.sql or ():
        click.echo(f"\n{statement}")


def tell_tables(found: "Explanation", output: Output) -> None:
    """Tell what was decided, table by table."""
    click.echo()
    tables = [(each.name, each.snapshot_id, each.grants, each.restrictions) for each in found.tables]
    output.rows("Tables", ("table", "snapshot", "grants", "restrictions"), tables)
    click.echo()
    output.rows("Columns", COLUMNS, decisions(found))
    filters = [(table.name, text) for table in found.tables for text in table.row_filters]
    if filters:
        click.echo()
        output.rows("Row filters", ("table", "row filter"), filters)


def decisions(found: "Explanation") -> Iterator[tuple[object, ...]]:
    """Give a line to every reason of every visible column."""
    for table in found.tables:
        for column in table.columns:
            shows = " or ".join(column.forms)
            for reason in column.reasons:
                yield (table.name, column.name, shows, reason.id, reason.kind, reason.text)
