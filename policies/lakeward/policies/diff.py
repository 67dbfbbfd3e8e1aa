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
from lakeward.policies.shown import exceeds, shown
from lakeward.policies.who_can import BREAKING_GLASS, all_broken, subjects

BEFORE_ERASURES, ONCE_DROPPED = "(before erasures)", "(once dropped)"
_DAY = dt.timedelta(days=1)
_GROUP = "group:"


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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asking:
    """Somebody whom decisions may differ for; `parts` are those whom it is put together of."""

    who: str
    principal: Principal
    parts: tuple["_Asking", ...] = ()


Found = Mapping[tuple[str, str], Change]
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
    snapshots, where columns are that were dropped since, or rows that were erased since, says so too.

    Args:
        old: The documents as they are.
        new: The documents as they would be.
        tables: The tables to compare over.
        now: The time of the comparison; what differs only before it is left out.
        known: Principals whose groups the lake knows.
    """
    comparison = _Comparison(old, new)
    purposes = sorted(old.purposes | new.purposes)
    asking = _all_asking(comparison.both, known)
    for table in tables:
        for each in asking:
            for purpose in purposes:
                context = RequestContext(principal=each.principal, purpose=purpose, now=now)
                yield from _over_time(comparison, each, context, table)


class _Comparison:
    """The two sets of documents, and how long each one's emergency access lasts."""

    def __init__(self, old: CompiledPolicies, new: CompiledPolicies) -> None:
        self.both = old, new
        self._minutes = [
            {each.id: each.break_glass.minutes for each in policies.documents.grants if each.break_glass}
            for policies in self.both
        ]

    def moments(self, context: RequestContext, table: PinnedTable) -> list[dt.datetime]:
        """Return now, and each later time at which a rule that may count for a principal ends."""
        ends = {context.now}
        for policies in self.both:
            snapshot = policies.snapshot(context.principal)
            rules = [*snapshot.grants(str(table.name)), *snapshot.restrictions(str(table.name))]
            ends |= {end for each in rules if (end := end_of(each)) and end > context.now}
        return sorted(ends)

    def at(self, asking: _Asking, context: RequestContext, table: PinnedTable) -> Found:
        """Return what changes for somebody at the time of a request, each change once."""
        broken = all_broken(context, self.both)
        found: dict[tuple[str, str], Change] = {}
        told: set[Change] = set()
        for addition, variant in _in_the_past(table):
            for suffix, request in (("", context), (f" {BREAKING_GLASS}", broken)):
                changes = set(self._changes(request, asking.who, variant)) - told
                told |= changes
                for each in changes:
                    label = each.column + addition
                    found[suffix, label] = replace(each, who=each.who + suffix, column=label)
        return found

    def _changes(self, context: RequestContext, who: str, table: PinnedTable) -> Iterator[Change]:
        before, after = (policies.weigh(context, table) for policies in self.both)
        for column in table.columns:
            was, will = shown(before, column, self._minutes[0]), shown(after, column, self._minutes[1])
            gains, loses = exceeds(will, was), exceeds(was, will)
            if gains or loses:
                yield Change(
                    who=who,
                    purpose=context.purpose or "",
                    table=str(table.name),
                    column=column.name,
                    gains=gains,
                    loses=loses,
                    before=was.words(),
                    after=will.words(),
                )


def _over_time(
    comparison: _Comparison, asking: _Asking, context: RequestContext, table: PinnedTable
) -> Iterator[Change]:
    """Give what changes, from now on and after each end of a rule, with the span in which it does."""
    lasting: dict[Change, dt.date | None] = {}
    over: list[Change] = []
    for moment in comparison.moments(context, table):
        present = set(_at(comparison, asking, replace(context, now=moment), table))
        last = (moment - _DAY).date()
        over += [replace(each, since=lasting.pop(each), until=last) for each in lasting.keys() - present]
        for each in present - lasting.keys():
            lasting[each] = None if moment == context.now else moment.date()
    over += [replace(each, since=since) for each, since in lasting.items()]
    yield from sorted(over, key=lambda each: (each.who, each.column, each.since or dt.date.min))


def _at(
    comparison: _Comparison, asking: _Asking, context: RequestContext, table: PinnedTable
) -> Iterator[Change]:
    """Give what changes at one moment; for who is put together of others, only what changes for neither."""
    found = comparison.at(asking, context, table)
    alone = [
        comparison.at(part, replace(context, principal=part.principal), table)
        for part in (asking.parts if found else ())
    ]
    for key, change in found.items():
        parts = [each[key] for each in alone if key in each]
        gains = change.gains and not any(each.gains for each in parts)
        loses = change.loses and not any(each.loses for each in parts)
        if gains or loses:
            yield change


def _all_asking(both: Sequence[CompiledPolicies], known: Sequence[Principal]) -> list[_Asking]:
    """Give everybody whom decisions may differ for.

    Grants add up, so what they show to somebody in two groups they show to one of the groups. A restriction
    that names a group, or excepts it, changes what the others of its members see; so everybody else is asked
    for as one of its members too.
    """
    alone = [_Asking(who=who, principal=principal) for who, principal in subjects(both, known)]
    groups = _groups_in_restrictions(both)
    members = [each for each in alone if each.who.startswith(_GROUP) and each.who[len(_GROUP) :] in groups]
    pairs = [
        _together(one, other)
        for other in members
        for one in alone
        if not other.principal.groups <= one.principal.groups
        and (one.who > other.who or one not in members)  # two of those groups meet once
    ]
    return [*alone, *pairs]


def _together(one: _Asking, other: _Asking) -> _Asking:
    groups = one.principal.groups | other.principal.groups
    together = replace(one.principal, groups=groups)
    return _Asking(who=f"{one.who} in {other.who}", principal=together, parts=(one, other))


def _groups_in_restrictions(both: Sequence[CompiledPolicies]) -> frozenset[str]:
    """Return the groups whose members have a role that a restriction names or excepts."""
    found: set[str] = set()
    for policies in both:
        named = {role for each in policies.documents.restrictions for role in (*each.to, *each.except_)}
        for role in policies.documents.roles.values():
            for member in role.members:
                group = member.removeprefix(_GROUP)
                asking = Principal(name="", groups=frozenset({group}))
                if member.startswith(_GROUP) and not named.isdisjoint(policies.snapshot(asking).roles):
                    found.add(group)
    return frozenset(found)


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
