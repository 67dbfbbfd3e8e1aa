"""`lakeward table rewrite|erase`: what stands in the files of a table, and what of its past is kept."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli import table_changes
from lakeward.cli.acting import actor_name, as_option
from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output
from lakeward.cli.table import by_option, pair, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lakeward.catalog.erasure.erase import Certificate
    from lakeward.catalog.erasure.search import Found
    from lakeward.catalog.names import TableName

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
    from lakeward.catalog.lake import owner_name
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


@table.command(
    "erase",
    epilog="Example: lakeward table erase silver.patient_xref --where \"patient_id = 'P-17'\" "
    '--match sample_id=local_id --reason "request of 2026-11-02" --dry-run',
)
@click.argument("name", metavar="TABLE", required=False)
@click.option("--where", metavar="CONDITION", help="Which rows of TABLE are the subject's; `-` reads stdin.")
@click.option(
    "--key", "keys", multiple=True, metavar="COLUMN", help="A column of TABLE with the subject's codes."
)
@click.option(
    "--match", "matches", multiple=True, metavar="COLUMN=KEY", help="A column that holds codes of KEY."
)
@click.option("--dry-run", is_flag=True, help="Say in which tables how many rows are; change nothing.")
@click.option("--resume", is_flag=True, help="Finish deleting files where an erasure was interrupted.")
@release_option
@click.option("--reason", help="Why, for the certificate.")
@as_option
@by_option
@lake_and_output
def erase(
    name: str | None,
    *,
    where: str | None,
    keys: tuple[str, ...],
    matches: tuple[str, ...],
    dry_run: bool,
    resume: bool,
    release: bool,
    reason: str | None,
    principal: str | None,
    by: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Erase a subject from every table, from older snapshots and from the files.

    The subject is found in TABLE by CONDITION. Its codes stand in the key columns of TABLE: those named by
    --key, else those tagged phi.mrn, phi.unique or study_id. Every table is searched in the columns of the
    same names and in those named by --match. CONDITION compares columns with constants (`=`, `in`, `and`);
    it is no SQL.
    """
    from lakeward.catalog.erasure.erase import erase_subject, resume_erasures
    from lakeward.catalog.erasure.search import search_lake
    from lakeward.catalog.erasure.subject import find_subject

    opened = open_lake(lake)
    actor = actor_name(opened, principal, by, {"table.erase": [None]})
    if resume:
        finished = resume_erasures(opened, actor=actor)
        output.rows("Finished", ["table"], [[str(each)] for each in finished])
        return
    if not name or not where or not (reason or dry_run):
        raise click.UsageError("TABLE and --where are needed, and --reason unless it is a --dry-run.")
    condition = sys.stdin.read().strip() if where == "-" else where
    pairs = dict(pair(each, "=", "--match sample_id=local_id") for each in matches)
    subject = find_subject(opened, opened.name(name), condition, keys, pairs)
    if dry_run:
        _show(output, *search_lake(opened, subject, release=release))
        return
    with output.progress("Erasing"):
        done = erase_subject(opened, subject, actor=actor, reason=str(reason), release=release)
    _certified(output, done)


def _certified(output: Output, done: "Certificate") -> None:
    columns = ["name", "rows", "past_rows", "before", "after", "expired", "files", "kept_young"]
    lines = [
        [str(getattr(each, column)) if column == "name" else getattr(each, column) for column in columns]
        for each in done.tables
    ]
    output.rows("Erased", columns, lines)
    output.message(f"Certificate: audit record {done.record}; the subject's token is {done.token}.")


def _show(output: Output, found: "Sequence[Found]", unsearched: "Sequence[TableName]") -> None:
    columns = ["table", "columns", "rows", "past_rows", "obstacles"]
    lines = [
        [str(each.name), ", ".join(each.columns), each.rows, each.past_rows, "; ".join(each.obstacles)]
        for each in found
    ]
    output.rows("Would be erased", columns, lines)
    if unsearched:
        output.message(f"No column to search in: {', '.join(map(str, unsearched))}.")


__all__ = ["release_option", "table", "table_changes"]
