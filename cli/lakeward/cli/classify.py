"""`lakeward classify`: find what columns hold, and tag them after a review."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.acting import actor_name, as_option
from lakeward.cli.lakes import open_lake
from lakeward.cli.options import find_lake, lake_and_output, with_output
from lakeward.cli.output import Output
from lakeward.cli.table import by_option

if TYPE_CHECKING:
    from lakeward.catalog.classify import Column, Proposal
    from lakeward.catalog.classify.lake_scan import ScanOrder

KEYS = ("table", "column", "role", "tags", "confidence", "evidence")


@click.group("classify")
def classify() -> None:
    """Find what columns hold."""


@classify.command("scan", epilog="Example: lakeward classify scan patients.csv --output review.yaml")
@click.argument("target", metavar="TABLE|NAMESPACE|FILE")
@click.option("--columns-only", is_flag=True, help="Judge by names and types; read no values.")
@click.option("--schemas", is_flag=True, help="FILE is a CSV list of columns: table,column[,type].")
@click.option(
    "--sample", "rows", type=click.IntRange(1), default=10_000, show_default=True, help="Rows to sample."
)
@click.option("--changed", is_flag=True, help="Only where the data, the column or the classifier changed.")
@click.option("--pinned", is_flag=True, help="Also columns that a person has tagged.")
@click.option(
    "--output", "review", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write a file to review, YAML or JSON, for `lakeward classify apply`.",
)  # fmt: skip
@click.option(
    "--lake", "folder", type=click.Path(path_type=Path, file_okay=False), envvar="LAKEWARD_LAKE",
    metavar="DIR",
    help="The lake's folder, for a table or namespace; a file needs none.",
)  # fmt: skip
@by_option
@with_output
def scan(
    target: str,
    *,
    columns_only: bool,
    schemas: bool,
    rows: int,
    changed: bool,
    pinned: bool,
    review: Path | None,
    folder: Path | None,
    by: str | None,
    output: Output,
) -> None:
    """Propose a role and tags for every column of a TABLE, of all tables of a NAMESPACE, or of a FILE.

    A FILE is Parquet, CSV, newline JSON or Arrow. No value is ever shown. A column that cannot be judged is
    `unclassified`, and stays hidden until somebody tags it.
    """
    from lakeward.catalog.classify.lake_scan import ScanOrder
    from lakeward.catalog.classify.review import write_review
    from lakeward.catalog.lake import owner_name

    if Path(target).is_file() or schemas or "/" in target:
        found, left_out = _of_file(Path(target), rows, schemas=schemas, columns_only=columns_only), 0
    else:
        order = ScanOrder(
            rows=0 if columns_only else rows, changed=changed, pinned=pinned, actor=by or owner_name()
        )
        found, left_out = _of_lake(find_lake(folder), target, order, output)
    if review:
        write_review(review, found)
    output.rows(f"Proposals for {target}", KEYS, _cells(found))
    if left_out:
        output.message(f"Left out: {left_out} column(s) that a person has tagged; --pinned shows them.")
    waiting = sum(each.role == "unclassified" for each in found)
    if waiting:
        output.message(f"{waiting} of {len(found)} column(s) cannot be judged: look at them yourself.")


@classify.command(
    "apply", epilog="Example: lakeward classify apply review.yaml --reason 'reviewed with the clinic'"
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--reason", required=True, help="Why, for the record.")
@click.option("--overrule", is_flag=True, help="Add tags also to columns that a person has tagged otherwise.")
@by_option
@as_option
@lake_and_output
def apply_(
    file: Path,
    *,
    reason: str,
    overrule: bool,
    by: str | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Put the tags of a reviewed FILE on their columns; tags are only ever added.

    Edit the file that `scan --output` wrote first: what is deleted from it, `unclassified` or without tags
    is not applied.
    """
    from lakeward.catalog.classify.review import apply_review, review_tables

    opened = open_lake(lake)
    actor = actor_name(opened, principal, by, {"tag.apply": list(review_tables(opened, file))})
    applied = apply_review(opened, file, actor=actor, reason=reason, overrule=overrule)
    rows = [(each.table, each.column, list(each.tags), each.outcome) for each in applied]
    output.rows("Applied", ["table", "column", "tags", "outcome"], rows)


@classify.command("detectors", epilog="Example: lakeward classify detectors")
@with_output
def detectors(*, output: Output) -> None:
    """List what the classifier knows to look for."""
    from lakeward.catalog.classify.detectors import DETECTORS

    rows = [(each.name, each.title, each.finding, each.source) for each in DETECTORS]
    output.rows("Detectors", ["name", "title", "finding", "source"], rows)


def _of_file(path: Path, rows: int, *, schemas: bool, columns_only: bool) -> "list[Proposal]":
    from lakeward.catalog.classify import classify_columns
    from lakeward.catalog.classify.files import column_list, file_columns

    tables: Mapping[str, list[Column]] = (
        column_list(path)
        if schemas
        else {_stem(path): file_columns(path, rows=rows, columns_only=columns_only)}
    )
    return [each for name, columns in tables.items() for each in classify_columns(name, columns)]


def _stem(path: Path) -> str:
    return path.name.partition(".")[0] or path.name


def _of_lake(root: Path, target: str, order: "ScanOrder", output: Output) -> "tuple[list[Proposal], int]":
    from lakeward.catalog.classify.lake_scan import namespace_tables, scan_table

    lake = open_lake(root)
    names = (
        [lake.name(target)]
        if "." in target.removesuffix(".*")
        else namespace_tables(lake, target.removesuffix(".*"))
    )
    found: list[Proposal] = []
    left_out = 0
    with output.progress(f"Scanning {target}", len(names)) as progress:
        for name in names:
            scanned = scan_table(lake, name, order)
            found += scanned.proposals
            left_out += scanned.left_out
            progress(1)
    return found, left_out


def _cells(found: "Iterable[Proposal]") -> list[list[object]]:
    return [[each.record()[key] for key in KEYS] for each in found]
