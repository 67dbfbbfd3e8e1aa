"""What the documents come to for one principal: its roles, and the rules that reach it, by table.

Rules are sorted once for each set of documents, by the role that they name and then by table, so that a
principal who asks for the first time waits for no other principal's rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from lakeward.policies.documents import Grant, Restriction, Right, Rule
from lakeward.policies.load import PolicySet
from lakeward.policies.tokens import group_token, member_token, principal_token

R = TypeVar("R", bound=Rule)
Numbered = tuple[int, R]
_ANY = "*"


@dataclass(frozen=True, slots=True)
class TableIndex(Generic[R]):
    """Rules, with their place in the documents, by the tables that they are about."""

    exact: Mapping[str, list[Numbered[R]]] = field(default_factory=dict)
    starting: Mapping[str, list[tuple[str, Numbered[R]]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[Numbered[R]]) -> "TableIndex[R]":
        """Index some rules: by name, by `namespace.*`, by `*`; by namespace those of `namespace.prefix*`."""
        exact: dict[str, list[Numbered[R]]] = defaultdict(list)
        starting: dict[str, list[tuple[str, Numbered[R]]]] = defaultdict(list)
        for numbered in rules:
            for pattern in numbered[1].tables or (_ANY,):
                namespace, _, rest = pattern.partition(".")
                if rest.endswith(_ANY) and rest != _ANY:
                    starting[namespace].append((pattern[:-1], numbered))
                else:
                    exact[pattern].append(numbered)
        return cls(dict(exact), dict(starting))

    def about(self, table: str, namespace: str) -> list[Numbered[R]]:
        """Return the rules about a table; one that names it twice is there twice."""
        found = [*self.exact.get(table, ()), *self.exact.get(f"{namespace}.*", ()), *self.exact.get(_ANY, ())]
        found += [rule for start, rule in self.starting.get(namespace, ()) if table.startswith(start)]
        return found


class RoleIndex(Generic[R]):
    """Rules by the roles that they name; those that name none are for everyone."""

    def __init__(self, rules: Iterable[R], everyone: str | None = None) -> None:
        self._everyone = everyone
        self._rules: dict[str, list[Numbered[R]]] = defaultdict(list)
        self._tables: dict[str, TableIndex[R]] = {}
        for number, rule in enumerate(rules):
            roles: Iterable[str] = getattr(rule, "to", ()) or ([everyone] if everyone is not None else [])
            for role in roles:
                self._rules[role].append((number, rule))

    def about(self, table: str, roles: Iterable[str]) -> list[R]:
        """Return the rules about a table that name one of some roles, in the order of the documents."""
        namespace = table.partition(".")[0]
        found: dict[int, R] = {}
        for role in roles if self._everyone is None else (*roles, self._everyone):
            if role in self._rules:
                found.update(self._index(role).about(table, namespace))
        return [found[number] for number in sorted(found)]

    def _index(self, role: str) -> TableIndex[R]:
        index = self._tables.get(role)
        if index is None:
            index = self._tables[role] = TableIndex.of(self._rules[role])
        return index


class PolicyIndex:
    """The documents of a lake, sorted for look-up."""

    def __init__(self, policies: PolicySet) -> None:
        self.policies = policies
        self.grants: RoleIndex[Grant] = RoleIndex(policies.grants)
        self.restrictions: RoleIndex[Restriction] = RoleIndex(policies.restrictions, everyone="")

    @cached_property
    def roles_of_member(self) -> Mapping[str, frozenset[str]]:
        """The roles that name a member, by the member's token."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, role in self.policies.roles.items():
            for member in role.members:
                found[member_token(member)].add(name)
        return {token: frozenset(roles) for token, roles in found.items()}

    def roles_of(self, principal: str, groups: Iterable[str]) -> frozenset[str]:
        """Return every role that a principal has: by name, through a group, or included in another."""
        tokens = (principal_token(principal), *map(group_token, groups))
        found = {role for token in tokens for role in self.roles_of_member.get(token, ())}
        return _with_included(self.policies, found)


@dataclass(frozen=True, slots=True)
class PrincipalSnapshot:
    """Everything in the documents that concerns one principal."""

    index: PolicyIndex
    roles: frozenset[str]
    rights: tuple[Right, ...]

    def grants(self, table: str) -> list[Grant]:
        """Return the grants to the principal about a table, in the order of the documents."""
        return self.index.grants.about(table, self.roles)

    def restrictions(self, table: str) -> list[Restriction]:
        """Return the restrictions about a table that bind the principal, in the order of the documents."""
        return [
            each for each in self.index.restrictions.about(table, self.roles) if is_bound(each, self.roles)
        ]


def take_snapshot(index: PolicyIndex, principal: str, groups: Iterable[str]) -> PrincipalSnapshot:
    """Find what concerns one principal."""
    roles = index.roles_of(principal, groups)
    rights = tuple(each for each in index.policies.rights if not roles.isdisjoint(each.to))
    return PrincipalSnapshot(index, roles, rights)


def reachable_roles(policies: PolicySet) -> frozenset[str]:
    """Return every role that somebody has: it has members, or such a role includes it."""
    return _with_included(policies, {name for name, role in policies.roles.items() if role.members})


def _with_included(policies: PolicySet, roles: set[str]) -> frozenset[str]:
    found, pending = set(roles), list(roles)
    while pending:
        role = policies.roles.get(pending.pop())
        new = set(role.includes) - found if role else set()
        found |= new
        pending += new
    return frozenset(found)


def is_bound(restriction: Restriction, roles: frozenset[str]) -> bool:
    """Whether a restriction binds somebody with these roles."""
    is_named = not restriction.to or not roles.isdisjoint(restriction.to)
    return is_named and roles.isdisjoint(restriction.except_)
