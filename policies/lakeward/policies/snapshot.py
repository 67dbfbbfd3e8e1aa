"""What the documents come to for one principal: its roles, the rules that reach it, indexed by table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from lakeward.policies.documents import Grant, Restriction, Right, Rule
from lakeward.policies.load import PolicySet
from lakeward.policies.patterns import matches
from lakeward.policies.rules import member_token, principal_token

R = TypeVar("R", bound=Rule)


def roles_of(policies: PolicySet, principal: str, groups: frozenset[str]) -> frozenset[str]:
    """Return every role that a principal has: by name, through a group, or included in another."""
    tokens = {principal_token(principal), *(f"group:{group}" for group in groups)}
    found = {
        name
        for name, role in policies.roles.items()
        if any(member_token(each) in tokens for each in role.members)
    }
    return _with_included(policies, found)


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


@dataclass(frozen=True, slots=True)
class TableIndex(Generic[R]):
    """Rules by the tables that they are about; most are found by a look-up."""

    exact: Mapping[str, tuple[R, ...]] = field(default_factory=dict)
    starting: tuple[tuple[str, R], ...] = ()

    @classmethod
    def of(cls, rules: Iterable[R]) -> "TableIndex[R]":
        """Index some rules."""
        exact: dict[str, list[R]] = defaultdict(list)
        starting: list[tuple[str, R]] = []
        for rule in rules:
            for pattern in rule.tables or ("*",):
                if pattern.endswith("*") and pattern != "*" and not pattern.endswith(".*"):
                    starting.append((pattern, rule))
                else:
                    exact[pattern].append(rule)
        return cls({pattern: tuple(each) for pattern, each in exact.items()}, tuple(starting))

    def about(self, table: str) -> tuple[R, ...]:
        """Return the rules about a table, each once."""
        namespace = table.partition(".")[0]
        found = [*self.exact.get(table, ()), *self.exact.get(f"{namespace}.*", ()), *self.exact.get("*", ())]
        found += [rule for pattern, rule in self.starting if matches(table, pattern)]
        return tuple({each.id: each for each in found}.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class PrincipalSnapshot:
    """Everything in the documents that concerns one principal."""

    roles: frozenset[str]
    grants: TableIndex[Grant]
    restrictions: TableIndex[Restriction]
    rights: tuple[Right, ...]


def take_snapshot(policies: PolicySet, principal: str, groups: frozenset[str]) -> PrincipalSnapshot:
    """Compile the documents for one principal."""
    roles = roles_of(policies, principal, groups)
    return PrincipalSnapshot(
        roles=roles,
        grants=TableIndex.of(each for each in policies.grants if not roles.isdisjoint(each.to)),
        restrictions=TableIndex.of(each for each in policies.restrictions if is_bound(each, roles)),
        rights=tuple(each for each in policies.rights if not roles.isdisjoint(each.to)),
    )


def is_bound(restriction: Restriction, roles: frozenset[str]) -> bool:
    """Whether a restriction binds somebody with these roles."""
    is_named = not restriction.to or not roles.isdisjoint(restriction.to)
    return is_named and roles.isdisjoint(restriction.except_)
