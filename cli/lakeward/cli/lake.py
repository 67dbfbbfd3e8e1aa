"""`lakeward init` and `lakeward doctor`: make a lake, and look whether it is in order."""

from contextlib import closing
from pathlib import Path

import click

from lakeward.cli.errors import UnhealthyLakeError
from lakeward.cli.options import lake_and_output, with_output
from lakeward.cli.output import Output


@click.command("init", epilog="Example: lakeward init my-lake --name clinic")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option(
    "--name", default="lake", show_default=True, help="What SQL calls the lake: NAME.namespace.table."
)
@click.option(
    "--database",
    metavar="ADDRESS",
    default="",
    help="An empty PostgreSQL database for catalog and store, postgresql://HOST/NAME; else SQLite files.",
)
@with_output
def init(directory: Path, name: str, database: str, *, output: Output) -> None:
    """Make a lake in DIRECTORY."""
    from lakeward.catalog.lake import init_lake

    with closing(init_lake(directory.absolute(), name=name, database=database)) as lake:
        output.record({"lake": str(lake.root), "name": name})
        output.message(f"Next: `lakeward table import NAME FILE`, and policies in {lake.policies_dir}.")


@click.command("doctor", epilog="Example: lakeward doctor --lake my-lake")
@lake_and_output
def doctor(*, lake: Path, output: Output) -> None:
    """Look whether the lake is in order."""
    from lakeward.catalog.lake import diagnose

    findings = diagnose(lake)
    output.rows(
        "Findings", ["level", "finding", "hint"], [(each.level, each.what, each.hint) for each in findings]
    )
    faults = sum(each.level == "error" for each in findings)
    if faults:
        raise UnhealthyLakeError(faults)
