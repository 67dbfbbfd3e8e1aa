"""Who may see a column: every principal and group that the documents or the lake name, for every purpose."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.explain import Form
from lakeward.policies.principal import Principal, RequestContext
from lakeward.policies.shown import Shown, beyond_all, shown
from lakeward.policies.subjects import BREAKING_GLASS, all_broken
from lakeward.policies.together import Somebody, alone, together


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """That somebody may see cells of a column, in one form, for one purpose, under `row_filters`."""

    who: str
    purpose: str
    form: Form
    row_filters: tuple[str, ...]


def who_can(
    policies: CompiledPolicies,
    table: PinnedTable,
    column: PinnedColumn,
    now: dt.datetime,
    known: Iterable[Principal] = (),
) -> Iterator[Access]:
    """Give everybody who may see cells of a column, for each purpose, the least masked form first.

    What only emergency access shows follows, under the name with `(breaking glass)`. Members of several
    groups come last, with what none of their memberships shows alone.

    Raises:
        TooManyGroupsError: Restrictions tell too many groups apart.
    """
    asked = _Asked(policies, table, column, now)
    single = alone([policies], tuple(known))
    found = ((who, each) for each in single for who in each.names)
    for who, each in sorted(found, key=lambda pair: pair[0]):
        yield from asked.accesses(who, each)
    for each in together([policies], single, table):
        yield from asked.accesses(each.who, each)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A column of a table under some documents, at some time."""

    policies: CompiledPolicies
    table: PinnedTable
    column: PinnedColumn
    now: dt.datetime

    def accesses(self, who: str, one: Somebody) -> Iterator[Access]:
        """Give what somebody sees and none of its parts does, for each purpose."""
        for purpose in sorted(self.policies.purposes):
            before = [self._shown(each, purpose) for each in one.parts]
            usual = beyond_all(self._shown(one, purpose), before)
            yield from _accesses(who, purpose, usual)
            if any(each.break_glass for each in self.policies.documents.grants):
                before += [self._shown(one, purpose)]
                before += [self._shown(each, purpose, broken=True) for each in one.parts]
                broken = beyond_all(self._shown(one, purpose, broken=True), before)
                yield from _accesses(f"{who} {BREAKING_GLASS}", purpose, broken)

    def _shown(self, one: Somebody, purpose: str, *, broken: bool = False) -> Shown:
        context = RequestContext(principal=one.principal, purpose=purpose, now=self.now)
        if broken:
            context = all_broken(context, [self.policies])
        return shown(self.policies.weigh(context, self.table), self.column, {})


def _accesses(who: str, purpose: str, seen: Shown) -> Iterator[Access]:
    for form, _ in seen.forms:
        yield Access(who=who, purpose=purpose, form=form, row_filters=tuple(sorted(seen.bounds)))


__all__ = ["Access", "who_can"]
