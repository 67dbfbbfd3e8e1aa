"""`lakeward audit`: read the chain of records, verify it, count what was done, and note its end elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output, read_time
from lakeward.cli.output import Output

if TYPE_CHECKING:
    from lakeward.catalog.audit import AuditRecord
    from lakeward.catalog.lake import Lake

ALL = 2**62  # records; more than a chain will ever hold


@click.group("audit")
def audit() -> None:
    """Read and verify the audit chain."""


@audit.command("log", epilog="Example: lakeward audit log --kind denial --since 2026-01-01")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many records.")
@click.option("--kind", help="Only this kind: query, denial, tag.set, table.create, ...")
@click.option("--principal", metavar="PRINCIPAL", help="Only what this principal did.")
@click.option(
    "--since",
    metavar="TIME",
    callback=read_time,
    help="Only from this ISO date or time on; UTC unless it says otherwise.",
)
@click.option(
    "--unfinished",
    is_flag=True,
    help="Only statements whose end was not recorded: they run now, or the gateway died.",
)
@lake_and_output
def log(
    *,
    limit: int,
    kind: str | None,
    principal: str | None,
    since: str | None,
    unfinished: bool,
    lake: Path,
    output: Output,
) -> None:
    """Show the newest records first."""
    chain = open_lake(lake).audit
    if unfinished:
        found = [
            each
            for each in chain.unfinished()
            if kind in {None, each.kind} and principal in {None, each.principal} and each.at >= (since or "")
        ]
        records = found[:limit]
    else:
        records = chain.records(limit=limit, kind=kind, principal=principal, since=since)
    columns = ["seq", "at", "kind", "principal", "purpose", "details"]
    output.rows("Audit log", columns, ([getattr(each, name) for name in columns] for each in records))


@audit.command("verify", epilog="Example: lakeward audit verify --checkpoint chain.checkpoint")
@click.option(
    "--checkpoint",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What `lakeward audit checkpoint` wrote; a chain that does not hold it was cut or rewritten.",
)
@click.option(
    "--public-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The key that must have signed the checkpoint, as PEM; else the lake's own.",
)
@lake_and_output
def verify(*, path: Path | None, public_key: Path | None, lake: Path, output: Output) -> None:
    """Find every changed, missing or reordered record; exit 1 when there is one."""
    opened = open_lake(lake)
    checkpoint = opened.checkpoints.read(read_text(path), public_key) if path else None
    found = opened.audit.verify(checkpoint)
    faults = [f"record {fault.seq}: {fault.what}" for fault in found.faults]
    output.record(
        {
            "intact": found.is_intact,
            "records": found.records,
            "last_hash": found.last_hash,
            "unfinished": len(found.unfinished),
            "faults": faults,
        }
    )
    found.require()


@audit.command("checkpoint", epilog="Example: lakeward audit checkpoint chain.checkpoint")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--public-key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the public key there too, as PEM.",
)
@lake_and_output
def checkpoint(path: Path, *, public_key: Path | None, lake: Path, output: Output) -> None:
    """Write the chain's present end, signed, to FILE; `-` prints it.

    Keep FILE where the lake's owner cannot write: `lakeward audit verify --checkpoint FILE` then also finds
    a chain that was cut off at its end, or rewritten with the lake's own key.
    """
    from lakeward.cli.answers import destination

    opened = open_lake(lake)
    end = opened.checkpoint()
    with destination(None if path == Path("-") else path, binary=False) as sink:
        sink.write(end.text() + "\n")
    if public_key is not None:
        with destination(public_key, binary=False) as sink:
            sink.write(opened.checkpoints.public_pem())
    if path != Path("-"):
        output.record({"seq": end.seq, "at": end.at, "hash": end.hash, "public_key": end.public_key})


@audit.command("report", epilog="Example: lakeward audit report --since 2026-01-01 --format csv")
@click.option(
    "--since",
    metavar="TIME",
    callback=read_time,
    help="Only from this ISO date or time on; UTC unless it says otherwise.",
)
@click.option("--break-glass", "by_request", is_flag=True, help="What was seen under emergency access.")
@lake_and_output
def report(*, since: str | None, by_request: bool, lake: Path, output: Output) -> None:
    """Count who did what, for which purpose, on which tables.

    With --break-glass: what was done under each request for emergency access, those without a review first.
    """
    opened = open_lake(lake)
    records = opened.audit.records(limit=ALL, since=since)
    if by_request:
        show_glass_uses(opened, records, output)
        return
    output.rows(
        "Audit report", ["principal", "purpose", "kind", "table", "times", "rows", "last"], totals(records)
    )


def show_glass_uses(lake: "Lake", records: "list[AuditRecord]", output: Output) -> None:
    """Show what was done under each request for emergency access."""
    from datetime import UTC, datetime

    from lakeward.gateway.break_glass.report import glass_uses
    from lakeward.gateway.break_glass.requests import BreakGlass

    uses = glass_uses(BreakGlass(lake).all(), records, datetime.now(UTC))
    columns = ["id", "principal", "grant", "purpose", "requested_at", "until", "state", "outcome"]
    rows = (
        [
            each.request.id,
            each.request.principal,
            each.request.grant_id,
            each.request.purpose,
            each.request.requested_at,
            each.request.until,
            each.state,
            each.request.outcome or "unreviewed",
            each.statements,
            sorted(each.tables),
            each.rows,
        ]
        for each in uses
    )
    output.rows("Emergency access", [*columns, "statements", "tables", "rows"], rows)


def read_text(path: Path) -> str:
    """Read a small file that a command was given; what is no text cannot be a checkpoint."""
    return path.read_text("utf-8", errors="replace")


def totals(records: Iterable["AuditRecord"]) -> Iterator[tuple[object, ...]]:
    """Sum records, given newest first, by principal, purpose, kind and table.

    How many rows a query gave stands in the record of its end, which comes first.
    """
    ended: dict[str, int] = {}
    sums: dict[tuple[str, str, str, str], list[Any]] = {}
    for record in records:
        statement = record.details.get("statement_id", "")
        if record.kind == "query.finished":
            ended[statement] = record.details.get("rows", 0)
            continue
        for table in tables_of(record.details) or [""]:
            entry = sums.setdefault(
                (record.principal, record.purpose or "", record.kind, table), [0, 0, record.at]
            )
            entry[0] += 1
            entry[1] += ended.get(statement, 0)
    for key in sorted(sums):
        yield (*key, *sums[key])


def tables_of(details: Mapping[str, Any]) -> list[str]:
    """Name the tables of which a record speaks."""
    tables = details.get("tables") or details.get("table") or []
    if isinstance(tables, str):
        return [tables]
    return sorted(
        str(each.get("table", each.get("name"))) if isinstance(each, Mapping) else str(each)
        for each in tables
    )
