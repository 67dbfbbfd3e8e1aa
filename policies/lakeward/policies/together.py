"""Somebody in several groups, where that shows what none of the groups shows alone.

Grants add up, so membership of one more group shows more only by what it does to restrictions: it makes an
exception from one, or, where two sets of documents are compared, it is bound by one that only the first of
them has. Whatever somebody gains comes of one grant, which one membership brings; every other membership that
the gain needs must do to a restriction what none of the others does. So these sets of memberships are enough,
and all are needed: n restrictions with n exceptions may take n + 1 memberships to get past.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from lakeward.catalog.pin import PinnedTable
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.errors import TooManyGroupsError
from lakeward.policies.principal import Principal
from lakeward.policies.subjects import GROUP, subjects

MOST_TOGETHER = 2_000
"""Sets of memberships that are asked for over one table."""

Roles = tuple[frozenset[str], ...]
"""The roles that somebody has under each set of documents; decisions depend on nothing else of who asks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Somebody:
    """Somebody whom decisions may differ for.

    Attributes:
        who: The name to show.
        principal: A principal with the memberships.
        roles: Its roles under each set of documents.
        alike: The names of others with the same roles.
        parts: Everybody who is asked for with some of the memberships only.
    """

    who: str
    principal: Principal
    roles: Roles
    alike: tuple[str, ...] = ()
    parts: tuple["Somebody", ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody whom it stands for."""
        return (self.who, *self.alike)

    @property
    def is_group(self) -> bool:
        """Whether it stands for any member of a group."""
        return self.who.startswith(GROUP)


def alone(policies: Sequence[CompiledPolicies], known: Iterable[Principal]) -> tuple[Somebody, ...]:
    """Give every principal and group that is named, those with the same roles as one."""
    found: dict[tuple[bool, Roles], Somebody] = {}
    for who, principal in subjects(policies, known):
        roles = tuple(each.snapshot(principal).roles for each in policies)
        key = (who.startswith(GROUP), roles)
        if before := found.get(key):
            found[key] = replace(before, alike=(*before.alike, who))
        else:
            found[key] = Somebody(who=who, principal=principal, roles=roles)
    return tuple(found.values())


def together(
    policies: Sequence[CompiledPolicies], some: Sequence[Somebody], table: PinnedTable
) -> Iterator[Somebody]:
    """Give every set of memberships that may show of a table what none of its parts shows, small ones first.

    Args:
        policies: The documents; of one set only exceptions count, of two what they bind does too.
        some: Principals and groups; a set holds one principal at most.
        table: The table.

    Raises:
        TooManyGroupsError: There are too many to ask for.
    """
    lists = _named(policies, table)
    effects = [_effects(lists, each) for each in some]
    asked: dict[frozenset[int], Somebody] = {frozenset([number]): each for number, each in enumerate(some)}
    for members in _sets(some, effects, str(table.name)):
        roles = tuple(
            frozenset().union(*each) for each in zip(*(some[n].roles for n in members), strict=True)
        )
        parts = {id(each): each for each in _parts(asked, members)}
        same = next((each for each in parts.values() if each.roles == roles), None)
        if same is None:
            same = _joined([some[n] for n in members], roles, tuple(parts.values()))
            yield same
        asked[members] = same


def _parts(asked: Mapping[frozenset[int], Somebody], members: Collection[int]) -> Iterator[Somebody]:
    for size in range(1, len(members)):
        for some in combinations(members, size):
            if part := asked.get(frozenset(some)):
                yield part


def _joined(members: Sequence[Somebody], roles: Roles, parts: tuple[Somebody, ...]) -> Somebody:
    """Put memberships together, the principal first."""
    first, *rest = sorted(members, key=lambda each: (each.is_group, each.who))
    groups = frozenset().union(*(each.principal.groups for each in members))
    return Somebody(
        who=f"{_told(first)} in {', '.join(map(_told, rest))}",
        principal=replace(first.principal, groups=groups),
        roles=roles,
        parts=parts,
    )


def _told(one: Somebody) -> str:
    return f"{one.who} (or {len(one.alike)} alike)" if one.alike else one.who


def _named(policies: Sequence[CompiledPolicies], table: PinnedTable) -> list[tuple[int, str, frozenset[str]]]:
    """Return the lists of roles that restrictions about a table except or bind, each once."""
    found = set()
    for number, each in enumerate(policies):
        for restriction in each.restrictions_about(table):
            found.add((number, "excepts", frozenset(restriction.except_)))
            if len(policies) > 1:
                found.add((number, "binds", frozenset(restriction.to)))
    return sorted(found, key=lambda each: (each[0], each[1], sorted(each[2])))


def _effects(lists: Sequence[tuple[int, str, frozenset[str]]], one: Somebody) -> frozenset[int]:
    """Return which of some lists name a role of somebody; each list stands for restrictions alike."""
    return frozenset(
        place for place, (number, _, named) in enumerate(lists) if not named.isdisjoint(one.roles[number])
    )


def _sets(
    some: Sequence[Somebody], effects: Sequence[frozenset[int]], table: str
) -> Iterator[frozenset[int]]:
    """Give each set of two or more, smaller ones first, in which all but one do what no other does."""
    given: set[frozenset[int]] = set()
    acting = [number for number, each in enumerate(effects) if each]
    level: list[tuple[int, ...]] = [(number,) for number in acting]
    while level:
        for chosen in level:
            for number in range(len(some)):
                members = frozenset((*chosen, number))
                if number not in chosen and members not in given and _fits(some, effects, chosen, number):
                    given.add(members)
                    if len(given) > MOST_TOGETHER:
                        raise TooManyGroupsError(table, MOST_TOGETHER)
                    yield members
        level = [
            (*chosen, number)
            for chosen in level
            for number in acting
            if number > chosen[-1] and _fits(some, effects, chosen, number) and _acts(effects, chosen, number)
        ]


def _fits(
    some: Sequence[Somebody], effects: Sequence[frozenset[int]], chosen: tuple[int, ...], number: int
) -> bool:
    """Whether each that was chosen does something that no other does, with one more beside them."""
    if sum(not some[each].is_group for each in (*chosen, number)) > 1:
        return False
    return all(_acts(effects, {*chosen, number} - {each}, each) for each in chosen)


def _acts(effects: Sequence[frozenset[int]], others: Iterable[int], number: int) -> bool:
    """Whether one does something that none of some others does."""
    return not effects[number] <= frozenset().union(*(effects[each] for each in others))
