"""Who may see a column: every principal and group that the documents or the lake name, for every purpose."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.explain import Form, forms_of
from lakeward.policies.principal import Principal, RequestContext

_GROUP = "group:"


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
    """Give everybody who may see cells of a column, for each purpose, the least masked form first."""
    for who, principal in subjects([policies], known):
        for purpose in sorted(policies.purposes):
            decision = policies.weigh(RequestContext(principal=principal, purpose=purpose, now=now), table)
            filters = tuple(each.sql for each in decision.row_filters)
            for form in forms_of(decision, column):
                yield Access(who=who, purpose=purpose, form=form, row_filters=filters)


def _stand_in(member: str) -> Principal:
    if member.startswith(_GROUP):
        return Principal(name=f"any of {member}", groups=frozenset({member.removeprefix(_GROUP)}))
    return Principal(name=member)
