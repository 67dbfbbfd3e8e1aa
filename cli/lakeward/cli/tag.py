"""`lakeward tag`: say what columns hold, and follow what was said."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.acting import actor_name, as_option
from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output
from lakeward.cli.table import by_option

if TYPE_CHECKING:
    from lakeward.catalog.lake import Lake
    from lakeward.catalog.ledger import TagAct
    from lakeward.catalog.names import TableName

at_option = click.option("--at", metavar="SNAPSHOT|TAG|BRANCH|TIME", help="As of then; by default, as it is.")
reason_option = click.option("--reason", required=True, help="Why, for the record.")


@click.group("tag")
def tag() -> None:
    """Say what columns hold."""


@tag.command("set", epilog="Example: lakeward tag set precision_med.patient ssn phi.ssn cfr202.gov_id")
@click.argument("target", metavar="TABLE|NAMESPACE.*")
@click.argument("path", metavar="COLUMN")
@click.argument("tags", metavar="TAG...", nargs=-1, required=True)
@click.option("--reason", help="Why, for the record.")
@by_option
@as_option
@lake_and_output
def set_tags(
    target: str,
    path: str,
    tags: tuple[str, ...],
    *,
    reason: str | None,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Put tags on COLUMN of TABLE.

    COLUMN may be dotted (`address.street`, `codes.element`, `info.value`), or `*` for the table as a whole.
    `NAMESPACE.*` with COLUMN `*` tags a namespace: every table in it inherits.
    """
    from lakeward.catalog import tags as catalog

    opened = open_lake(lake)
    actor = actor_name(opened, principal, by, {"tag.apply": [_target(opened, target)]})
    if target.endswith(".*") and path == "*":
        acts = catalog.set_namespace_tags(opened, target[:-2], tags, actor=actor, reason=reason)
    else:
        acts = catalog.set_tags(opened, opened.name(target), {path: tags}, actor=actor, reason=reason)
    _tell(output, target, acts)


@tag.command(
    "remove", epilog="Example: lakeward tag remove main.visit note phi.free_text --reason 'redacted'"
)
@click.argument("target", metavar="TABLE|NAMESPACE.*")
@click.argument("path", metavar="COLUMN")
@click.argument("tags", metavar="TAG...", nargs=-1, required=True)
@reason_option
@by_option
@as_option
@lake_and_output
def remove_tags(
    target: str,
    path: str,
    tags: tuple[str, ...],
    *,
    reason: str,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Take tags off COLUMN of TABLE; somebody may see more afterwards, so it needs a reason."""
    from lakeward.catalog import tags as catalog

    opened = open_lake(lake)
    actor = actor_name(opened, principal, by, {"tag.remove": [_target(opened, target)]})
    if target.endswith(".*") and path == "*":
        acts = catalog.remove_namespace_tags(opened, target[:-2], tags, actor=actor, reason=reason)
    else:
        acts = catalog.remove_tags(opened, opened.name(target), {path: tags}, actor=actor, reason=reason)
    _tell(output, target, acts)


@tag.command("list", epilog="Example: lakeward tag list precision_med.patient --at 2026-11-01")
@click.argument("target", metavar="TABLE")
@at_option
@lake_and_output
def list_tags(target: str, *, at: str | None, lake: Path, output: Output) -> None:
    """List the tags of TABLE: set on each column, inherited, and whether the column is classified.

    With --at they are as they were then, under the names that the columns had.
    """
    from lakeward.catalog import tags as catalog

    opened = open_lake(lake)
    if at is not None:
        _list_past(opened, target, at, output)
        return
    listed = catalog.list_tags(opened, opened.name(target))
    rows = [
        (
            each.path,
            ", ".join(sorted(each.own)),
            ", ".join(sorted(each.effective - each.own)),
            "" if each.path == "*" else "classified" if each.is_classified else "unclassified: hidden",
        )
        for each in listed
    ]
    output.rows(f"Tags of {target}", ["column", "tags", "inherited", "state"], rows)


def _list_past(opened: "Lake", target: str, at: str, output: Output) -> None:
    from lakeward.catalog.tag_past import list_tags_at

    listed = list_tags_at(opened, opened.name(target), at)
    rows = [(each.path, _words(each.own), _words(each.inherited - each.own)) for each in listed]
    output.rows(f"Tags of {target} at {at}", ["column", "tags", "inherited"], rows)


def _words(tags: Iterable[str]) -> str:
    return ", ".join(sorted(tags))


@tag.command("find", epilog="Example: lakeward tag find phi.ssn")
@click.argument("wanted", metavar="TAG|AXIS.*")
@lake_and_output
def find_tags(wanted: str, *, lake: Path, output: Output) -> None:
    """Find every column that bears TAG, inherited or set; `phi.*` finds a whole axis."""
    from lakeward.catalog import tags as catalog

    incomplete: catalog.UnsearchedTablesError | None = None
    try:
        found = catalog.find_tags(open_lake(lake), wanted)
    except catalog.UnsearchedTablesError as error:
        found, incomplete = error.found, error
    rows = [(str(each.table), each.path, each.tag, each.source) for each in found]
    output.rows(f"Columns with {wanted}", ["table", "column", "tag", "set on"], rows)
    if incomplete:
        raise incomplete


@tag.command("history", epilog="Example: lakeward tag history precision_med.patient")
@click.argument("target", metavar="TABLE")
@at_option
@lake_and_output
def tag_history(target: str, *, at: str | None, lake: Path, output: Output) -> None:
    """List every act on the tags of TABLE and its namespace: who, when, why; with --at, up to then."""
    from lakeward.catalog import tag_past
    from lakeward.catalog import tags as catalog

    opened = open_lake(lake)
    columns = ["at", "name", "path", "tag", "action", "actor", "reason", "state"]
    name = opened.name(target)
    found = catalog.tag_history(opened, name) if at is None else tag_past.acts_until(opened, name, at)
    output.rows(f"Tags of {target}", columns, [[getattr(each, name) for name in columns] for each in found])


@tag.command("taxonomy", epilog="Example: lakeward tag taxonomy phi")
@click.argument("axis", required=False)
@lake_and_output
def taxonomy(axis: str | None, *, lake: Path, output: Output) -> None:
    """List the tags that there are, or those of one AXIS."""
    from lakeward.catalog.taxonomy import UnknownTagError, load_taxonomy

    known = load_taxonomy(lake).all()
    found = [each for each in known if axis in {None, each.axis}]
    if not found:
        raise UnknownTagError(axis or "", sorted({each.axis for each in known}))
    columns = ["name", "title", "letter", "citation", "classifies", "sensitive", "rule", "source"]
    output.rows("Taxonomy", columns, [[getattr(each, name) for name in columns] for each in found])


@tag.command(
    "accept", epilog="Example: lakeward tag accept main.visit --reason 'restored from backup' --restore"
)
@click.argument("target", metavar="TABLE|NAMESPACE.*")
@click.option(
    "--restore", is_flag=True, help="Put back the tags that lakeward last wrote, not what is there."
)
@reason_option
@by_option
@as_option
@lake_and_output
def accept_tags(
    target: str,
    *,
    restore: bool,
    reason: str,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Sign the tags of TABLE after a change outside lakeward, so that it can be read again."""
    from lakeward.catalog import tags as catalog

    opened = open_lake(lake)
    actor = actor_name(opened, principal, by, {"tag.accept": [_target(opened, target)]})
    if target.endswith(".*"):
        acts = catalog.accept_namespace_tags(opened, target[:-2], actor=actor, reason=reason)
    else:
        acts = catalog.accept_tags(opened, opened.name(target), actor=actor, reason=reason, restore=restore)
    _tell(output, target, acts)


def _target(lake: "Lake", text: str) -> "TableName | str":
    """Read what a command is about: a table, or a namespace as `NAMESPACE.*`."""
    return text[:-2] if text.endswith(".*") else lake.name(text)


def _tell(output: Output, target: str, acts: "Iterable[TagAct]") -> None:
    rows = [(each.action, each.path, each.tag) for each in acts]
    output.rows(f"Changed on {target}", ["action", "column", "tag"], rows)
    if not rows:
        output.message("Nothing had to be changed.")
