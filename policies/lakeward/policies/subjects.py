"""Everybody whom decisions may differ for: each principal and group that the documents or the lake name."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.principal import BrokenGlass, Principal, RequestContext

GROUP = "group:"
BREAKING_GLASS = "(breaking glass)"


def subjects(
    policies: Iterable[CompiledPolicies], known: Iterable[Principal] = ()
) -> tuple[tuple[str, Principal], ...]:
    """Give everybody whom decisions may differ for, with a name to show.

    A group stands for a member of it whom no document names.

    Args:
        policies: The documents whose roles name members.
        known: Principals whose groups the lake knows.
    """
    found = {each.name: each for each in known}
    for compiled in policies:
        for role in compiled.documents.roles.values():
            for member in role.members:
                if member not in found:
                    found[member] = _stand_in(member)
    return tuple(sorted(found.items()))


def all_broken(context: RequestContext, policies: Iterable[CompiledPolicies]) -> RequestContext:
    """Give the same request by somebody who has asked for every emergency access that there is."""
    grants = {each.id for compiled in policies for each in compiled.documents.grants if each.break_glass}
    until = context.now + dt.timedelta(minutes=1)
    broken = (
        BrokenGlass(
            request_id="", grant_id=each, purpose=context.purpose or "", since=context.now, until=until
        )
        for each in sorted(grants)
    )
    return replace(context, glass=tuple(broken))


def _stand_in(member: str) -> Principal:
    if member.startswith(GROUP):
        return Principal(name=f"any of {member}", groups=frozenset({member.removeprefix(GROUP)}))
    return Principal(name=member)
