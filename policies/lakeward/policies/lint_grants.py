"""Grants that show nothing to anybody, though nothing is wrong with any one line of them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.columns import floor, granted
from lakeward.policies.decide import is_about, is_over
from lakeward.policies.documents import Grant, Restriction
from lakeward.policies.load import PolicySet
from lakeward.policies.masks import HIDDEN
from lakeward.policies.patterns import matches
from lakeward.policies.snapshot import PolicyIndex, is_bound

Shown = Mapping[str, tuple[PinnedTable, Sequence[PinnedColumn]]]


def grants_in_vain(
    policies: PolicySet, now: dt.datetime, tables: Sequence[PinnedTable], taxonomy: Taxonomy
) -> Iterator[tuple[str, str]]:
    """Find grants that show no cell to anybody, with the reason; those that are over are left out."""
    holders = _holders(PolicyIndex(policies))
    restrictions = [each for each in policies.restrictions if not is_over(each, now)]
    binding = {str(table.name): [each for each in restrictions if is_about(each, table)] for table in tables}
    for grant in policies.grants:
        held = frozenset(roles for role in grant.to for roles in holders.get(role, ()))
        if (
            held
            and not is_over(grant, now)
            and (why := _why(grant, policies, held, binding, tables, taxonomy))
        ):
            yield grant.id, why


def _holders(index: PolicyIndex) -> Mapping[str, set[frozenset[str]]]:
    """Return, by role, the sets of roles that those who have it have together."""
    found: dict[str, set[frozenset[str]]] = defaultdict(set)
    for role in index.policies.roles.values():
        for member in role.members:
            group = member.removeprefix("group:")
            roles = index.roles_of(member, []) if group == member else index.roles_of("", [group])
            for each in roles:
                found[each].add(roles)
    return found


def _why(
    grant: Grant,
    policies: PolicySet,
    held: Iterable[frozenset[str]],
    binding: Mapping[str, Sequence[Restriction]],
    tables: Sequence[PinnedTable],
    taxonomy: Taxonomy,
) -> str | None:
    about = [table for table in tables if is_about(grant, table)]
    if not about:
        named = any(matches(str(table.name), each) for table in tables for each in grant.tables)
        return "no table that it names bears the tags that it asks for" if named else None
    shown = {str(table.name): (table, _columns(grant, table, taxonomy)) for table in about}
    if not any(columns for _, columns in shown.values()):
        return f"shows no column of {_first_of(about)}: {_reason(grant, about, taxonomy)}"
    purposes = grant.purposes or sorted(policies.purposes)
    if any(_sees(roles, purpose, shown, binding) for roles in held for purpose in purposes):
        return None
    return "shows nothing to anybody: restrictions hide all that it shows from whoever it is for"


def _columns(grant: Grant, table: PinnedTable, taxonomy: Taxonomy) -> Sequence[PinnedColumn]:
    return [
        each
        for each in table.columns
        if granted(grant.columns, each, taxonomy, table).mask != HIDDEN
        and not (each.is_dropped and "dropped" not in grant.past)
    ]


def _sees(
    roles: frozenset[str], purpose: str, shown: Shown, binding: Mapping[str, Sequence[Restriction]]
) -> bool:
    """Whether somebody with some roles sees a column through a grant, for a purpose."""
    for name, (table, columns) in shown.items():
        hiding = [
            each
            for each in binding[name]
            if is_bound(each, roles) and (not each.purposes or purpose in each.purposes)
        ]
        for column in columns:
            if not any(floor(each.columns, column, table) == HIDDEN for each in hiding):
                return True
    return False


def _reason(grant: Grant, about: Sequence[PinnedTable], taxonomy: Taxonomy) -> str:
    column = next((each for table in about for each in table.columns), None)
    return granted(grant.columns, column, taxonomy, about[0]).why if column else "it has no columns"


def _first_of(about: Sequence[PinnedTable]) -> str:
    more = f" and {len(about) - 1} more" if len(about) > 1 else ""
    return f"{about[0].name}{more}"
