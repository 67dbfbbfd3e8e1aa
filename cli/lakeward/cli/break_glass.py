"""`lakeward break-glass`: ask for emergency access, list it, end it, review it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lakeward.cli.lakes import open_lake
from lakeward.cli.options import lake_and_output
from lakeward.cli.output import Output

if TYPE_CHECKING:
    from lakeward.catalog.lake import Lake
    from lakeward.gateway.break_glass.requests import GlassRequest, Outcome
    from lakeward.policies.decide import CompiledPolicies
    from lakeward.policies.principal import RequestContext

COLUMNS = ("id", "principal", "grant", "purpose", "requested_at", "until", "state", "reason", "outcome", "by")


@click.group("break-glass")
def break_glass() -> None:
    """Ask for emergency access, and review it."""


@break_glass.command(
    "request",
    epilog="Example: lakeward break-glass request emergency --as grace --purpose treatment "
    "--reason 'patient unconscious in the emergency room' --minutes 30",
)
@click.argument("grant")
@click.option("--as", "principal", required=True, metavar="PRINCIPAL", help="Who asks.")
@click.option("--purpose", required=True, metavar="PURPOSE", help="For what.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the reviewer; names no patient.")
@click.option(
    "--minutes", type=int, metavar="N", help="For how long; by default as long as the grant allows."
)
@lake_and_output
def request(
    grant: str, *, principal: str, purpose: str, reason: str, minutes: int | None, lake: Path, output: Output
) -> None:
    """Break the glass: GRANT counts for PRINCIPAL and PURPOSE from now on, until its time is over.

    Others are told, every query made under it is recorded with its id, and it is reviewed afterwards.
    """
    from lakeward.gateway.break_glass.requests import BreakGlass

    opened = open_lake(lake)
    context, policies = _asking(opened, principal, purpose)
    made = BreakGlass(opened).request(context, policies, grant, reason=reason, minutes=minutes)
    output.record({"id": made.id, "grant": made.grant_id, "until": made.until})


@break_glass.command("list", epilog="Example: lakeward break-glass list --unreviewed")
@click.option("--unreviewed", is_flag=True, help="Only those that nobody has reviewed.")
@lake_and_output
def list_requests(*, unreviewed: bool, lake: Path, output: Output) -> None:
    """List requests for emergency access, the newest first."""
    from lakeward.gateway.break_glass.requests import BreakGlass

    found = BreakGlass(open_lake(lake)).all()
    shown = [each for each in found if not (unreviewed and each.reviewed_at)]
    output.rows("Emergency access", COLUMNS, (_row(each) for each in shown))


@break_glass.command("end", epilog="Example: lakeward break-glass end 1f0c9d2e4b6a8c7d --by heidi")
@click.argument("request_id", metavar="ID")
@click.option("--by", required=True, metavar="PRINCIPAL", help="Who ends it.")
@lake_and_output
def end(request_id: str, *, by: str, lake: Path, output: Output) -> None:
    """End a request before its time; what runs under it is cancelled."""
    from lakeward.gateway.break_glass.requests import BreakGlass

    ended = BreakGlass(open_lake(lake)).end(request_id, by=by, now=datetime.now(UTC))
    output.record({"id": ended.id, "ended_at": ended.ended_at})


@break_glass.command(
    "review",
    epilog="Example: lakeward break-glass review 1f0c9d2e4b6a8c7d --outcome justified --by heidi",
)
@click.argument("request_id", metavar="ID")
@click.option(
    "--outcome", required=True, type=click.Choice(["justified", "unjustified"]), help="What you found."
)
@click.option("--by", required=True, metavar="PRINCIPAL", help="Who reviews; needs `break_glass.review`.")
@click.option("--note", default="", metavar="TEXT", help="What you have to say about it.")
@lake_and_output
def review(request_id: str, *, outcome: str, by: str, note: str, lake: Path, output: Output) -> None:
    """Say afterwards whether a request was justified; nobody reviews their own."""
    from lakeward.gateway.break_glass.requests import BreakGlass

    opened = open_lake(lake)
    context, policies = _asking(opened, by, None)
    found: Outcome = "justified" if outcome == "justified" else "unjustified"
    done = BreakGlass(opened).review(request_id, context, policies, outcome=found, note=note)
    output.record({"id": done.id, "outcome": done.outcome, "reviewed_at": done.reviewed_at})


def _asking(lake: "Lake", principal: str, purpose: str | None) -> "tuple[RequestContext, CompiledPolicies]":
    from lakeward.catalog.config import PrincipalConfig
    from lakeward.policies.decide import compile_policies
    from lakeward.policies.load import load_policies
    from lakeward.policies.principal import Principal, RequestContext

    known = lake.config.principals.get(principal, PrincipalConfig())
    who = Principal(name=principal, groups=frozenset(known.groups), attributes=dict(known.attributes))
    policies = compile_policies(load_policies(lake.policies_dir, lake.taxonomy), lake.taxonomy)
    return RequestContext(principal=who, purpose=purpose, now=datetime.now(UTC)), policies


def _row(each: "GlassRequest") -> tuple[object, ...]:
    return (
        each.id,
        each.principal,
        each.grant_id,
        each.purpose,
        each.requested_at,
        each.until,
        each.state(datetime.now(UTC)),
        each.reason,
        each.outcome or "",
        each.reviewed_by or "",
    )
