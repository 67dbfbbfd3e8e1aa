"""`lakeward report`: what the lake holds of identifiers and of bulk sensitive data, and who sees it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.acting import as_option
from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output
from lakeward.cli.table import pair

if TYPE_CHECKING:
    from lakeward.catalog.lake import Lake
    from lakeward.gateway.reports.report import Report

html_option = click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page that needs nothing else.",
)


@click.group("report")
def report() -> None:
    """Report on identifiers, bulk data and copies."""


@report.command("safe-harbor", epilog="Example: lakeward report safe-harbor --html safe-harbor.html")
@html_option
@as_option
@lake_and_output
def safe_harbor(*, page: Path | None, principal: str | None, lake: Path, output: Output) -> None:
    """Say which HIPAA identifiers each role can see of each table, in which form.

    45 CFR 164.514(b)(2)(i), letters A to R, under today's policies.
    """
    from lakeward.gateway.reports.safe_harbor import safe_harbor as made

    _give(output, made(_opened(lake, principal, "report.read")), page)


@report.command(
    "cfr202", epilog="Example: lakeward report cfr202 --link silver.patient_xref --match sample_id=local_id"
)
@click.option("--link", metavar="TABLE", help="The table that says who is who across systems.")
@click.option(
    "--match", "matches", multiple=True, metavar="COLUMN=KEY", help="A column that holds codes of KEY."
)
@click.option("--exact", is_flag=True, help="Show counts below 11 too; with --as it takes `report.counts`.")
@html_option
@as_option
@lake_and_output
def cfr202(
    *,
    link: str | None,
    matches: tuple[str, ...],
    exact: bool,
    page: Path | None,
    principal: str | None,
    lake: Path,
    output: Output,
) -> None:
    """Count the persons of bulk sensitive data, in each dataset and each join of two: 28 CFR 202."""
    from lakeward.gateway.reports.cfr202 import cfr202 as made

    opened = _opened(lake, principal, "report.read", *(["report.counts"] if exact else []))
    pairs = dict(pair(each, "=", "--match sample_id=local_id") for each in matches)
    _give(output, made(opened, link=opened.name(link) if link else None, matches=pairs, exact=exact), page)


@report.command("copies", epilog="Example: lakeward report copies --format json")
@html_option
@as_option
@lake_and_output
def copies(*, page: Path | None, principal: str | None, lake: Path, output: Output) -> None:
    """Say in which tables each direct identifier stands, by where it came from."""
    from lakeward.gateway.reports.copies import copies as made

    _give(output, made(_opened(lake, principal, "report.read")), page)


def _opened(lake: Path, principal: str | None, *acts: str) -> "Lake":
    from lakeward.catalog.audit import AuditEvent
    from lakeward.cli.acting import actor_name

    opened = open_lake(lake)
    actor = actor_name(opened, principal, None, {act: [None] for act in acts})
    opened.audit.append(AuditEvent(kind="report.read", principal=actor, details={"rights": list(acts)}))
    return opened


def _give(output: Output, made: "Report", page: Path | None) -> None:
    if page is not None:
        from datetime import UTC, datetime

        from lakeward.cli.html_page import html_page

        at = datetime.now(UTC).isoformat(timespec="seconds")
        page.write_text(html_page(made.title, made.columns, made.rows, made.notes, at), "utf-8")
        output.message(f"Written to {page}.")
        return
    output.rows(made.title, made.columns, made.rows)
    for note in made.notes:
        output.message(note)
