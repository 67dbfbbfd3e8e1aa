"""Who may do more, or less, that is no query, under new documents.

Rights add up and nothing takes one away, so whoever is in several groups may do what a member of one of them
may. Patterns are compared by what they mean now and later: `tag.*` is more than every act on tags that there
is today, and `main.*` more than every table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.patterns import matches
from lakeward.policies.principal import Principal
from lakeward.policies.together import Somebody, alone


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class RightChange:
    """That somebody may do something on some tables under one set of documents only.

    Attributes:
        who: Somebody.
        act: What, by pattern.
        tables: Where, by pattern.
        gains: Whether it is the new documents that allow it.
        by: The ids of the rights that allow it.
        roles: The roles that bring it.
    """

    who: str
    act: str
    tables: str
    gains: bool
    by: tuple[str, ...]
    roles: tuple[str, ...]


Places = dict[tuple[str, str], tuple[set[str], set[str]]]
"""An act and the tables, by pattern, with the ids of rights and the roles that bring it."""


def diff_rights(
    old: CompiledPolicies, new: CompiledPolicies, known: Iterable[Principal] = ()
) -> Iterator[RightChange]:
    """Give every right that somebody has under one set of documents and not under the other."""
    found: list[RightChange] = []
    for each in alone((old, new), known):
        before, after = _allowed(old, each), _allowed(new, each)
        for who in each.names:
            found += _beyond(after, before, who, gains=True)
            found += _beyond(before, after, who, gains=False)
    yield from sorted(found)


def _allowed(policies: CompiledPolicies, one: Somebody) -> Places:
    found: Places = {}
    snapshot = policies.snapshot(one.principal)
    for right in snapshot.rights:
        for act in right.may:
            for tables in right.tables:
                ids, roles = found.setdefault((act, tables), (set(), set()))
                ids.add(right.id)
                roles |= snapshot.roles.intersection(right.to)
    return found


def _beyond(some: Places, others: Places, who: str, *, gains: bool) -> Iterator[RightChange]:
    for (act, tables), (ids, roles) in some.items():
        if not any(matches(act, may) and matches(tables, where) for may, where in others):
            yield RightChange(
                who=who,
                act=act,
                tables=tables,
                gains=gains,
                by=tuple(sorted(ids)),
                roles=tuple(sorted(roles)),
            )
