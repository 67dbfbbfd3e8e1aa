"""Rights: what a principal may do that is no query, such as tagging. What no document allows is denied."""

import datetime as dt

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.config import PrincipalConfig
from lakeward.catalog.errors import DeniedError
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.policies.holder import PolicyHolder
from lakeward.policies.patterns import matches
from lakeward.policies.principal import Principal, RequestContext

_EVERYWHERE = "*"


class NoRightError(DeniedError):
    """A principal may not do what was asked in its name."""

    code = "no-right"

    def __init__(self, principal: str, act: str) -> None:
        super().__init__(
            f"{principal} may not do this: it takes the right `{act}` here.",
            hint="A policy document gives it, under `rights:`, to a role: `{id: ..., to: [steward], may: "
            f"[{act}], tables: [...]}}`.",
        )


def require_right(lake: Lake, principal: str, act: str, target: TableName | str | None = None) -> None:
    """Check that a principal may do something; a denial is recorded.

    Args:
        lake: The lake.
        principal: Who.
        act: What: `tag.define`, `tag.apply`, `tag.remove`, `tag.accept`, `table.alter` and so on.
        target: The table, a namespace's name, or None for what is about no table in particular.

    Raises:
        NoRightError: No document gives it the right.
        PolicyError: A document is not valid, so nobody has a right.
    """
    if not has_right(lake, principal, act, target):
        details = {"act": act, "on": str(target or _EVERYWHERE)}
        lake.audit.append(AuditEvent(kind="right.denied", principal=principal, details=details))
        raise NoRightError(principal, act)


def has_right(lake: Lake, principal: str, act: str, target: TableName | str | None = None) -> bool:
    """Whether a principal may do something; see `require_right`."""
    policies = PolicyHolder(lake.policies_dir, lake.taxonomy).current()
    known = lake.config.principals.get(principal, PrincipalConfig())
    who = Principal(name=principal, groups=frozenset(known.groups), attributes=dict(known.attributes))
    context = RequestContext(principal=who, purpose=None, now=dt.datetime.now(dt.UTC))
    if isinstance(target, TableName) or target is None:
        return policies.may(context, act, target)
    covering = (_EVERYWHERE, f"{target}.*")
    return any(
        any(each in covering for each in right.tables) and any(matches(act, each) for each in right.may)
        for right in policies.snapshot(who).rights
    )
