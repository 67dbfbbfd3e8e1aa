"""`lakeward table alter|replace|branch|mark|rollback|register`: changes that keep tags right."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.acting import actor_name, as_option
from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output
from lakeward.cli.table import FILE, by_option, by_path, pair, table, tag_option

if TYPE_CHECKING:
    from lakeward.catalog.names import TableName

at_option = click.option(
    "--at", metavar="SNAPSHOT|TAG|BRANCH|TIME", help="Which snapshot; by default, the current one."
)
remove_option = click.option("--remove", is_flag=True, help="Take the name off; the snapshot stays.")


@table.command(
    "alter", epilog="Example: lakeward table alter main.visit --rename note=remark --add site:string"
)
@click.argument("name", metavar="TABLE")
@click.option("--drop", "drop", multiple=True, metavar="PATH", help="Drop a column.")
@click.option("--rename", "rename", multiple=True, metavar="PATH=NAME", help="Give a column another name.")
@click.option("--type", "retype", multiple=True, metavar="PATH:TYPE", help="Widen a column's type.")
@click.option(
    "--add", "add", multiple=True, metavar="PATH:TYPE", help="Add a column; it is hidden until tagged."
)
@click.option("--first", "first", multiple=True, metavar="PATH", help="Bring a column to the front.")
@click.option("--after", "after", multiple=True, metavar="PATH=OTHER", help="Move a column behind another.")
@click.option("--doc", "doc", multiple=True, metavar="PATH=TEXT", help="Describe a column.")
@click.option("--reason", help="Why, for the record.")
@by_option
@as_option
@lake_and_output
def alter(
    name: str,
    *,
    drop: tuple[str, ...],
    rename: tuple[str, ...],
    retype: tuple[str, ...],
    add: tuple[str, ...],
    first: tuple[str, ...],
    after: tuple[str, ...],
    doc: tuple[str, ...],
    reason: str | None,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Change the columns of TABLE in one commit; their tags stay with them.

    Changes are made in the order: drop, rename, type, add, first, after, doc. PATH is what the column is
    called when its turn comes; dotted inside a struct, list or map (`address.zip`, `codes.element`). TYPE is
    as for `table create`, or list<TYPE>.
    """
    from lakeward.catalog.changes import Alteration, alter_table

    wanted = Alteration(
        drop=drop,
        rename=dict(pair(each, "=", "--rename note=remark") for each in rename),
        retype=dict(pair(each, ":", "--type id:long") for each in retype),
        add=dict(pair(each, ":", "--add site:string") for each in add),
        first=first,
        after=dict(pair(each, "=", "--after zip=street") for each in after),
        doc=dict(pair(each, "=", "--doc zip='five digits'") for each in doc),
    )
    if wanted == Alteration():
        raise click.UsageError("Say what to change, for example --rename note=remark.")
    opened = open_lake(lake)
    target = opened.name(name)
    actor = actor_name(opened, principal, by, {"table.alter": [target]})
    alter_table(opened, target, wanted, actor=actor, reason=reason)
    hidden = [each.name for each in opened.pin(target).columns if not each.is_classified]
    output.record({"table": str(target), "unclassified": hidden})
    if hidden:
        output.message(f"Hidden until somebody tags them: {', '.join(hidden)}. See `lakeward tag set`.")


@table.command("replace", epilog="Example: lakeward table replace main.labs labs.csv --tag mrn=phi.mrn")
@click.argument("name", metavar="TABLE")
@click.argument("source", metavar="FILE", type=FILE)
@tag_option
@click.option("--keep-tags", is_flag=True, help="Tag new columns as the old ones of the same path and type.")
@click.option("--reason", help="Why, for the record.")
@by_option
@as_option
@lake_and_output
def replace(
    name: str,
    source: Path,
    *,
    tags: tuple[str, ...],
    keep_tags: bool,
    reason: str | None,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Put FILE in the place of TABLE: new columns, new rows and their tags, in one commit.

    The old tags do not count for the new columns. What they were is shown; `--keep-tags` takes them over.
    """
    from lakeward.catalog.ingest.replacing import replace_table

    opened = open_lake(lake)
    rights: dict[str, list[TableName | str | None]] = {"table.replace": [opened.name(name)]}
    if tags or keep_tags:
        rights["tag.apply"] = rights["table.replace"]
    actor = actor_name(opened, principal, by, rights)
    with output.progress(f"Replacing {name}") as progress:
        made = replace_table(
            opened, opened.name(name), source, actor=actor, tags=by_path(tags), keep_tags=keep_tags,
            reason=reason, progress=progress,
        )  # fmt: skip
    suggested = [f"{path}={tag}" for path, each in sorted(made.suggested.items()) for tag in sorted(each)]
    output.record(
        {
            "table": str(made.done.table),
            "snapshot": made.done.snapshot_id,
            "rows": made.done.rows,
            "unclassified": list(made.done.unclassified),
            "bore_before": suggested,
        }
    )


@table.command("branch", epilog="Example: lakeward table branch main.labs audit --at 2026-11-01")
@click.argument("name", metavar="TABLE")
@click.argument("reference", metavar="NAME")
@at_option
@remove_option
@by_option
@as_option
@lake_and_output
def branch(
    name: str,
    reference: str,
    *,
    at: str | None,
    remove: bool,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Name a snapshot of TABLE as a branch, which other tools may write to. Tags hold on every branch."""
    _refer(lake, (name, reference, "branch"), at, remove=remove, by=(principal, by), output=output)


@table.command("mark", epilog="Example: lakeward table mark main.labs frozen-for-paper")
@click.argument("name", metavar="TABLE")
@click.argument("reference", metavar="NAME")
@at_option
@remove_option
@by_option
@as_option
@lake_and_output
def mark(
    name: str,
    reference: str,
    *,
    at: str | None,
    remove: bool,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Name a snapshot of TABLE for good: an Iceberg tag, which keeps it from being expired."""
    _refer(lake, (name, reference, "tag"), at, remove=remove, by=(principal, by), output=output)


def _refer(
    lake: Path,
    what: tuple[str, str, str],
    at: str | None,
    *,
    remove: bool,
    by: tuple[str | None, str | None],
    output: Output,
) -> None:
    from lakeward.catalog import references

    name, reference, kind = what
    opened = open_lake(lake)
    target, as_kind = opened.name(name), references.kind_of(kind)
    actor = actor_name(opened, *by, {"table.branch": [target]})
    if remove:
        references.remove_reference(opened, target, reference, as_kind, actor=actor)
        output.record({"table": str(target), kind: reference, "removed": True})
        return
    at_id = references.set_reference(opened, target, reference, as_kind, at=at, actor=actor)
    output.record({"table": str(target), kind: reference, "snapshot": at_id})


@table.command(
    "rollback", epilog="Example: lakeward table rollback main.labs --at 2026-11-01 --reason 'bad load'"
)
@click.argument("name", metavar="TABLE")
@click.option("--at", required=True, metavar="SNAPSHOT|TAG|BRANCH|TIME", help="The snapshot to go back to.")
@click.option("--reason", required=True, help="Why, for the record.")
@by_option
@as_option
@lake_and_output
def rollback(
    name: str, *, at: str, reason: str, by: str | None, principal: str | None, lake: Path, output: Output
) -> None:
    """Make an older snapshot of TABLE the current one.

    Columns and tags stay today's; tags that were taken off after that snapshot are put back.
    """
    from lakeward.catalog.references import roll_back

    opened = open_lake(lake)
    target = opened.name(name)
    actor = actor_name(opened, principal, by, {"table.rollback": [target]})
    snapshot = roll_back(opened, target, at, actor=actor, reason=reason)
    output.record({"table": str(target), "snapshot": snapshot})


@table.command(
    "register", epilog="Example: lakeward table register main.labs s3://lake/labs/metadata/00003.json"
)
@click.argument("name", metavar="TABLE")
@click.argument("metadata", metavar="METADATA-FILE")
@click.option("--reason", help="Why, for the record.")
@by_option
@as_option
@lake_and_output
def register(
    name: str,
    metadata: str,
    *,
    reason: str | None,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Take in a table that another catalog made, where its files are; all of it is hidden until tagged.

    A table that was dropped from this lake comes back with the tags that it had last.
    """
    from lakeward.catalog.register import register_table

    opened = open_lake(lake)
    target = opened.name(name)
    actor = actor_name(opened, principal, by, {"table.register": [target]})
    claimed = register_table(opened, target, metadata, actor=actor, reason=reason)
    hidden = [each.name for each in opened.pin(target).columns if not each.is_classified]
    output.record({"table": str(target), "unclassified": hidden, "claimed_tags": claimed})
