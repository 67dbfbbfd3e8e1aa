"""Two sets of documents, and who sees more or less under the second.

The comparison is by cell: a form that the new documents show counts as a gain unless some form that the old
ones show gives at least as much in at least the same rows. Conditions are compared as text, not by meaning:
one that was only written anew counts as a gain and a loss, because nothing proves that it is neither.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.decide import CompiledPolicies
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.explain import Form, forms_of
from lakeward.policies.masks import CLEAR, hides_as_much
from lakeward.policies.principal import Principal, RequestContext
from lakeward.policies.who_can import BREAKING_GLASS, all_broken, subjects

BEFORE_ERASURES, ONCE_DROPPED = "(before erasures)", "(once dropped)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What changes for one principal, purpose and column."""

    who: str
    purpose: str
    table: str
    column: str
    gains: bool
    loses: bool
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    forms: tuple[Form, ...]
    bounds: frozenset[str]


def diff_policies(
    old: CompiledPolicies,
    new: CompiledPolicies,
    tables: Iterable[PinnedTable],
    now: dt.datetime,
    known: Sequence[Principal] = (),
) -> Iterator[Change]:
    """Give every principal, purpose and column for which cells show differently.

    What differs only for who has broken the glass comes with that beside the name. What differs only in old
    snapshots, where columns are that were dropped since, or rows that were erased since, says so too.

    Args:
        old: The documents as they are.
        new: The documents as they would be.
        tables: The tables to compare over.
        now: The time of the comparison.
        known: Principals whose groups the lake knows.
    """
    purposes = sorted(old.purposes | new.purposes)
    for table, (who, principal), purpose in product(tables, subjects([old, new], known), purposes):
        context = RequestContext(principal=principal, purpose=purpose, now=now)
        broken = all_broken(context, [old, new])
        told: set[Change] = set()
        for addition, variant in _in_the_past(table):
            for suffix, asking in (("", context), (f" {BREAKING_GLASS}", broken)):
                found = set(_changes(old, new, asking, who, variant)) - told
                told |= found
                yield from (
                    replace(each, who=each.who + suffix, column=each.column + addition)
                    for each in sorted(found, key=lambda change: change.column)
                )


def _in_the_past(table: PinnedTable) -> Iterator[tuple[str, PinnedTable]]:
    """Give the table as it is, and as old snapshots may hold it, with what to say beside its columns."""
    yield "", table
    yield f" {BEFORE_ERASURES}", replace(table, is_past=True, holds_erased=True)
    dropped = tuple(replace(each, name_today="") for each in table.columns)
    yield f" {ONCE_DROPPED}", replace(table, is_past=True, columns=dropped)


def _changes(
    old: CompiledPolicies, new: CompiledPolicies, context: RequestContext, who: str, table: PinnedTable
) -> Iterator[Change]:
    before, after = old.weigh(context, table), new.weigh(context, table)
    for column in table.columns:
        was, will = _shown(before, column), _shown(after, column)
        gains, loses = _exceeds(will, was), _exceeds(was, will)
        if gains or loses:
            yield Change(
                who=who,
                purpose=context.purpose or "",
                table=str(table.name),
                column=column.name,
                gains=gains,
                loses=loses,
                before=_words(was),
                after=_words(will),
            )


def _shown(decision: ReadRestrictions, column: PinnedColumn) -> _Shown:
    return _Shown(forms_of(decision, column), frozenset(each.sql for each in decision.row_filters))


def _exceeds(one: _Shown, other: _Shown) -> bool:
    """Whether something shows in `one` that does not surely show in `other`."""
    if one.forms and other.forms and not other.bounds <= one.bounds:
        return True
    return any(not any(_gives_as_much(theirs, form) for theirs in other.forms) for form in one.forms)


def _gives_as_much(one: Form, other: Form) -> bool:
    same_keys = one.study == other.study or one.mask == CLEAR
    return (one.row_filter is None or one.row_filter == other.row_filter) and (
        same_keys and hides_as_much(other.mask, one.mask)
    )


def _words(shown: _Shown) -> tuple[str, ...]:
    bounds = sorted(shown.bounds)
    return tuple(_word(form, bounds) for form in shown.forms)


def _word(form: Form, bounds: Sequence[str]) -> str:
    conditions = [f"({each})" for each in [form.row_filter, *bounds] if each]
    study = f" in {form.study}" if form.study else ""
    return f"{form.mask}{study}" + (f" where {' and '.join(conditions)}" if conditions else "")
