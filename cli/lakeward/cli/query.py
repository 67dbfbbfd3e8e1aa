"""`lakeward query`: SQL in, the cells that the principal may see out."""

import sys
from contextlib import closing
from pathlib import Path

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import with_lake
from lakeward.cli.output import FORMS

BINARY = ("arrow", "parquet")


@click.command(
    "query",
    epilog="Example: lakeward query 'SELECT count(*) FROM main.visit' --as ada --purpose research",
)
@click.argument("sql")
@click.option("--as", "principal", required=True, metavar="PRINCIPAL", help="Who asks.")
@click.option("--purpose", metavar="PURPOSE", help="For what; one of the purposes that the policies declare.")
@click.option(
    "--at", metavar="SNAPSHOT|TAG|TIME", help="Read the tables as they were; by default, as they are."
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Stop after N rows.")
@click.option(
    "--format", "form", type=click.Choice([*FORMS, *BINARY]), default="table", help="How to answer."
)
@click.option(
    "--output",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to FILE, which is there only once the answer is whole; by default, to stdout.",
)
@with_lake
def query(
    sql: str,
    *,
    principal: str,
    purpose: str | None,
    at: str | None,
    limit: int | None,
    form: str,
    path: Path | None,
    lake: Path,
) -> None:
    """Run SQL as PRINCIPAL for PURPOSE.

    SQL is one statement, or `-` to read it from stdin.
    """
    from lakeward.cli.answers import destination, write_answer
    from lakeward.gateway.service import open_gateway

    text = read_sql(sql)
    with (
        destination(path, binary=form in BINARY) as sink,
        open_gateway(open_lake(lake)) as gateway,
        closing(gateway.execute(gateway.session(principal, purpose), text, at=at)) as answer,
    ):
        write_answer(sink, form, answer.schema, answer.batches, limit)


def read_sql(sql: str) -> str:
    """Take SQL from the command line, or from stdin when it is `-`."""
    return sys.stdin.read() if sql == "-" else sql
