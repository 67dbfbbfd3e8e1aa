"""`lakeward tag diff|apply|coverage|define|undefine`: tags in bulk, over time, and the words themselves."""

from pathlib import Path

import click

from lakeward.cli.acting import actor_name, as_option
from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output
from lakeward.cli.table import FILE, by_option
from lakeward.cli.tag import reason_option, tag


@tag.command("diff", epilog="Example: lakeward tag diff precision_med.patient 2026-10-01 2026-11-01")
@click.argument("target", metavar="TABLE")
@click.argument("before", metavar="FROM")
@click.argument("after", metavar="TO")
@lake_and_output
def diff(target: str, before: str, after: str, *, lake: Path, output: Output) -> None:
    """List the tags of TABLE that were set or went between FROM and TO.

    Each is a snapshot, branch or tag (the last that was said while it was current), or an ISO time.
    """
    from lakeward.catalog.tag_past import diff_tags

    opened = open_lake(lake)
    found = diff_tags(opened, opened.name(target), before, after)
    rows = [(each.path, each.change, each.tag) for each in found]
    output.rows(f"Tags of {target} from {before} to {after}", ["column", "change", "tag"], rows)


@tag.command("apply", epilog="Example: lakeward tag apply reviewed.csv --dry-run")
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--dry-run", is_flag=True, help="Check everything, show what would change, change nothing.")
@click.option("--reason", help="Why, for rows of FILE that do not say.")
@by_option
@as_option
@lake_and_output
def apply(
    file: Path,
    *,
    dry_run: bool,
    reason: str | None,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Set and remove tags as FILE says, one commit to each table; nothing when a row of it cannot be done.

    FILE is CSV with the columns table, column, tags and optionally action (set, remove) and reason, or a JSON
    list of objects with these keys. Applied twice, it changes nothing more.
    """
    from lakeward.catalog.tag_file import apply_tag_file, plan_tag_file, read_tag_file

    opened = open_lake(lake)
    orders = read_tag_file(opened, file, reason)
    rights = {"set": "tag.apply", "remove": "tag.remove"}
    needed = {right: [each.table for each in orders if act in each.needs] for act, right in rights.items()}
    actor = actor_name(opened, principal, by, {right: [*tables] for right, tables in needed.items()})
    done = plan_tag_file(opened, orders) if dry_run else apply_tag_file(opened, orders, actor=actor)
    rows = [(str(name), act.action, act.path, act.tag) for name, act in done]
    output.rows("Would change" if dry_run else "Changed", ["table", "action", "column", "tag"], rows)
    if not rows:
        output.message("Nothing has to be changed.")


@tag.command("coverage", epilog="Example: lakeward tag coverage --min 95")
@click.argument("namespace", required=False)
@click.option(
    "--min",
    "least",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 when less is classified.",
)
@lake_and_output
def coverage(namespace: str | None, *, least: float | None, lake: Path, output: Output) -> None:
    """Count how many columns are classified, by namespace."""
    from lakeward.catalog.tag_coverage import require_coverage, tag_coverage

    found = tag_coverage(open_lake(lake), namespace)
    columns = ["namespace", "tables", "refused", "columns", "classified", "percent"]
    output.rows("Classified columns", columns, [[getattr(each, name) for name in columns] for each in found])
    if least is not None:
        require_coverage(found, least)


@tag.command(
    "define", epilog="Example: lakeward tag define lab.batch --title 'Batch of a reagent' --not-sensitive"
)
@click.argument("name", metavar="TAG")
@click.option("--title", required=True, help="What a column with this tag holds.")
@click.option("--classifies/--no-classifies", default=True, help="Whether it alone says what a column is.")
@click.option("--sensitive/--not-sensitive", default=True, help="Whether `sensitivity.none` gives way to it.")
@click.option("--parent", metavar="TAG", help="The wider tag that it is under.")
@click.option("--reason", help="Why; needed when a definition becomes weaker.")
@by_option
@as_option
@lake_and_output
def define(
    name: str,
    *,
    title: str,
    classifies: bool,
    sensitive: bool,
    parent: str | None,
    reason: str | None,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Define TAG in the lake's taxonomy.yaml, or define it anew."""
    from lakeward.catalog.taxonomy.define import define_tag

    opened = open_lake(lake)
    actor = actor_name(opened, principal, by, {"tag.define": [None]})
    facts = {"name": name, "title": title, "classifies": classifies, "sensitive": sensitive}
    made = define_tag(opened, {**facts, **({"parent": parent} if parent else {})}, actor=actor, reason=reason)
    output.record({"tag": made.name, "classifies": made.classifies, "sensitive": made.sensitive})


@tag.command("undefine", epilog="Example: lakeward tag undefine lab.batch --reason 'nobody used it'")
@click.argument("name", metavar="TAG")
@reason_option
@by_option
@as_option
@lake_and_output
def undefine(
    name: str, *, reason: str, by: str | None, principal: str | None, lake: Path, output: Output
) -> None:
    """Take TAG out of the lake's taxonomy.yaml; one that a column bears stays."""
    from lakeward.catalog.taxonomy.define import undefine_tag

    opened = open_lake(lake)
    actor = actor_name(opened, principal, by, {"tag.define": [None]})
    undefine_tag(opened, name, actor=actor, reason=reason)
    output.record({"undefined": name})
