"""Two sets of documents, and who sees more or less under the second, now or later.

The comparison is by cell: a form that the new documents show counts as a gain unless some form that the old
ones show gives at least as much in at least the same rows, and for as long. Conditions are compared as text,
not by meaning: one that was only written anew counts as a gain and a loss, because nothing proves that it is
neither.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lakeward.catalog.pin import PinnedTable
from lakeward.policies.decide import CompiledPolicies, end_of
from lakeward.policies.principal import Principal, RequestContext
from lakeward.policies.shown import Shown, beyond, beyond_all, shown
from lakeward.policies.subjects import BREAKING_GLASS, all_broken
from lakeward.policies.together import Somebody, alone, together

BEFORE_ERASURES, ONCE_DROPPED = "(before erasures)", "(once dropped)"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What changes for one principal, purpose and column.

    `since` is the first day, in UTC, of a change that comes later than now; `until` is the last day of one
    that ends.
    """

    who: str
    purpose: str
    table: str
    column: str
    gains: bool
    loses: bool
    before: tuple[str, ...]
    after: tuple[str, ...]
    since: dt.date | None = None
    until: dt.date | None = None

    def when(self) -> str:
        """Say from when to when it differs."""
        end = f" until {self.until}" if self.until else ""
        return (f"from {self.since}" if self.since else "from now") + end


@dataclass(frozen=True, slots=True)
class _Difference:
    """A change, with what of the column shows under one set of documents only."""

    change: Change
    gained: Shown
    lost: Shown


Found = Mapping[tuple[str, str], _Difference]
"""Changes at one moment, by what is said beside the name and by the column."""


def diff_policies(
    old: CompiledPolicies,
    new: CompiledPolicies,
    tables: Iterable[PinnedTable],
    now: dt.datetime,
    known: Sequence[Principal] = (),
) -> Iterator[Change]:
    """Give every principal, purpose and column for which cells show differently, now or at a later time.

    What differs only for who has broken the glass comes with that beside the name. What differs only in old
    snapshots, where columns are that were dropped since, or rows that were erased since, says so too. Members
    of several groups come with what differs for none of their memberships alone.

    Args:
        old: The documents as they are.
        new: The documents as they would be.
        tables: The tables to compare over.
        now: The time of the comparison; what differs only before it is left out.
        known: Principals whose groups the lake knows.

    Raises:
        TooManyGroupsError: Restrictions tell too many groups apart.
    """
    both = old, new
    single = alone(both, known)
    purposes = sorted(old.purposes | new.purposes)
    for table in tables:
        comparison = _Comparison(old, new, table)
        for each in [*single, *comparison.sets(single)]:
            for purpose in () if comparison.spares(each) else purposes:
                context = RequestContext(principal=each.principal, purpose=purpose, now=now)
                yield from _over_time(comparison, each, context)


class _Comparison:
    """The two sets of documents over one table."""

    def __init__(self, old: CompiledPolicies, new: CompiledPolicies, table: PinnedTable) -> None:
        self.both, self._table = (old, new), table
        self._grants = [each.grants_about(table) for each in self.both]
        bound = [each.restrictions_about(table) for each in self.both]
        self._same = (self._grants[0], bound[0], old.purposes) == (self._grants[1], bound[1], new.purposes)
        grants = [each for some in self._grants for each in some]
        self._glass = any(each.break_glass for each in grants)
        self._readings = list(_in_the_past(table)) if any(each.past for each in grants) else [("", table)]
        self._minutes = [
            {each.id: each.break_glass.minutes for each in some if each.break_glass} for some in self._grants
        ]
        self._found: dict[tuple[str, str | None, dt.datetime], Found] = {}

    def spares(self, somebody: Somebody) -> bool:
        """Whether nothing can differ for somebody: the same roles, and the same rules about the table."""
        return self._same and somebody.roles[0] == somebody.roles[1]

    def sets(self, single: Sequence[Somebody]) -> Iterator[Somebody]:
        """Give the sets of memberships to ask for; none where nothing differs for any of them."""
        if not all(self.spares(each) for each in single):
            yield from together(self.both, single, self._table)

    def moments(self, context: RequestContext) -> list[dt.datetime]:
        """Return now, and each later time at which a rule that may count for a principal ends."""
        ends = {context.now}
        for policies in self.both:
            snapshot, name = policies.snapshot(context.principal), str(self._table.name)
            rules = [*snapshot.grants(name), *snapshot.restrictions(name)]
            ends |= {end for each in rules if (end := end_of(each)) and end > context.now}
        return sorted(ends)

    def at(self, somebody: Somebody, context: RequestContext) -> Found:
        """Return what changes for somebody at the time of a request."""
        key = somebody.who, context.purpose, context.now
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = dict(self._at(somebody, context))
        return found

    def _at(
        self, somebody: Somebody, context: RequestContext
    ) -> Iterator[tuple[tuple[str, str], _Difference]]:
        requests = [("", context)]
        if self._glass:
            requests.append((f" {BREAKING_GLASS}", all_broken(context, self.both)))
        for addition, variant in self._readings:
            for suffix, request in requests:
                for each in self._differences(request, somebody.who, variant):
                    yield (suffix, each.change.column + addition), each

    def _differences(self, context: RequestContext, who: str, table: PinnedTable) -> Iterator[_Difference]:
        before, after = (policies.weigh(context, table) for policies in self.both)
        for column in table.columns:
            was, will = shown(before, column, self._minutes[0]), shown(after, column, self._minutes[1])
            gained, lost = beyond(will, was), beyond(was, will)
            if gained.forms or lost.forms:
                change = Change(
                    who=who,
                    purpose=context.purpose or "",
                    table=str(table.name),
                    column=column.name,
                    gains=bool(gained.forms),
                    loses=bool(lost.forms),
                    before=was.words(),
                    after=will.words(),
                )
                yield _Difference(change, gained, lost)


def _over_time(comparison: _Comparison, somebody: Somebody, context: RequestContext) -> Iterator[Change]:
    """Give what changes, from now on and after each end of a rule, with the span in which it does."""
    lasting: dict[Change, dt.date | None] = {}
    over: list[Change] = []
    for moment in comparison.moments(context):
        present = set(_at(comparison, somebody, replace(context, now=moment)))
        last = (moment - _DAY).date()
        over += [replace(each, since=lasting.pop(each), until=last) for each in lasting.keys() - present]
        for each in present - lasting.keys():
            lasting[each] = None if moment == context.now else moment.date()
    over += [replace(each, since=since) for each, since in lasting.items()]
    for each in sorted(over, key=lambda each: (each.who, each.column, each.since or dt.date.min)):
        suffix = each.who.removeprefix(somebody.who)
        yield from (replace(each, who=name + suffix) for name in somebody.names)


def _at(comparison: _Comparison, somebody: Somebody, context: RequestContext) -> Iterator[Change]:
    """Give what changes at one moment, once; for several memberships what changes for no part of them."""
    found = comparison.at(somebody, context)
    apart = [
        comparison.at(part, replace(context, principal=part.principal))
        for part in (somebody.parts if found else ())
    ]
    told: set[Change] = set()
    for (suffix, label), each in found.items():
        parts = [some[suffix, label] for some in apart if (suffix, label) in some]
        gained = beyond_all(each.gained, (part.gained for part in parts))
        lost = beyond_all(each.lost, (part.lost for part in parts))
        change = replace(each.change, gains=bool(gained.forms), loses=bool(lost.forms))
        if (gained.forms or lost.forms) and change not in told:
            told.add(change)
            yield replace(change, who=change.who + suffix, column=label)


def _in_the_past(table: PinnedTable) -> Iterator[tuple[str, PinnedTable]]:
    """Give the table as it is, and as old snapshots may hold it, with what to say beside its columns.

    Each is a reading of its own, so that no decision that is kept for one answers for another.
    """
    dropped = tuple(replace(each, name_today="") for each in table.columns)
    yield "", table
    variants = (
        (BEFORE_ERASURES, replace(table, holds_erased=True)),
        (ONCE_DROPPED, replace(table, columns=dropped)),
        (f"{ONCE_DROPPED} {BEFORE_ERASURES}", replace(table, columns=dropped, holds_erased=True)),
    )
    for addition, variant in variants:
        location = f"{table.metadata_location} {addition}"
        yield f" {addition}", replace(variant, is_past=True, metadata_location=location)
