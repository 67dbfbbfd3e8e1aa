"""`lakeward table rewrite`: what stands in the files that describe a table, and what of its past is kept."""

from pathlib import Path

import click

from lakeward.cli import table_changes
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output
from lakeward.cli.table import by_option, table

release_option = click.option(
    "--release", is_flag=True, help="Take off the branches and tags that keep old snapshots."
)


@table.command("rewrite", epilog="Example: lakeward table rewrite main.labs --expire")
@click.argument("name", metavar="TABLE")
@click.option("--expire", is_flag=True, help="Remove every older snapshot, and the files of those.")
@release_option
@click.option("--reason", help="Why, for the record.")
@by_option
@lake_and_output
def rewrite(
    name: str, *, expire: bool, release: bool, reason: str | None, by: str | None, lake: Path, output: Output
) -> None:
    """Write TABLE again without statistics and partitions, which hold values that no mask covers.

    `lakeward doctor` names the tables that need it. Until older snapshots are expired, they lead to the old
    files.
    """
    from lakeward.catalog.lake import open_lake, owner_name
    from lakeward.catalog.rewriting import rewrite_table

    opened = open_lake(lake)
    target = opened.name(name)
    with output.progress(f"Writing {target}"):
        done = rewrite_table(
            opened, target, actor=by or owner_name(), reason=reason, expire=expire, release=release
        )
    output.record(
        {
            "table": str(target),
            "rows": done.rows,
            "snapshot": done.snapshot_id,
            "expired_snapshots": done.expired,
            "removed_files": done.removed_files,
        }
    )


__all__ = ["release_option", "table", "table_changes"]
