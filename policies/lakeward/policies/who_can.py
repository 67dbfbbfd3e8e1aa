"""Who may see a column: every principal and group that the documents or the lake name, for every purpose."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.explain import Form, forms_of
from lakeward.policies.principal import BrokenGlass, Principal, RequestContext

_GROUP = "group:"
BREAKING_GLASS = "(breaking glass)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """That somebody may see cells of a column, in one form, for one purpose, under `row_filters`."""

    who: str
    purpose: str
    form: Form
    row_filters: tuple[str, ...]


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


def who_can(
    policies: CompiledPolicies,
    table: PinnedTable,
    column: PinnedColumn,
    now: dt.datetime,
    known: Iterable[Principal] = (),
) -> Iterator[Access]:
    """Give everybody who may see cells of a column, for each purpose, the least masked form first.

    What only emergency access shows follows, under the name with `(breaking glass)`.
    """
    for who, principal in subjects([policies], known):
        for purpose in sorted(policies.purposes):
            context = RequestContext(principal=principal, purpose=purpose, now=now)
            usual = tuple(_access(policies.weigh(context, table), column, who, purpose))
            yield from usual
            broken = policies.weigh(all_broken(context, [policies]), table)
            shown = {each.form for each in usual}
            for each in _access(broken, column, f"{who} {BREAKING_GLASS}", purpose):
                if each.form not in shown:
                    yield each


def _access(decision: ReadRestrictions, column: PinnedColumn, who: str, purpose: str) -> Iterator[Access]:
    filters = tuple(each.sql for each in decision.row_filters)
    for form in forms_of(decision, column):
        yield Access(who=who, purpose=purpose, form=form, row_filters=filters)


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
    if member.startswith(_GROUP):
        return Principal(name=f"any of {member}", groups=frozenset({member.removeprefix(_GROUP)}))
    return Principal(name=member)
