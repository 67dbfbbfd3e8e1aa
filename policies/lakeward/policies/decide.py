"""Decisions: a principal, a purpose and a pinned table to what may be read of it, with the reasons.

Rules are compiled once for each principal and decisions kept by the table's metadata file, so that a decision
that was made before is a look-up. Casbin's `enforce()` is the reference that this must agree with.
"""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.columns import ColumnOutcome, floor, granted
from lakeward.policies.decision import CellGrant, NothingVisibleError, ReadRestrictions, Reason, RowFilter
from lakeward.policies.documents import Grant, Restriction, Rule
from lakeward.policies.load import PolicySet
from lakeward.policies.masks import HIDDEN, Mask, strictest
from lakeward.policies.patterns import matches
from lakeward.policies.principal import Principal, RequestContext
from lakeward.policies.snapshot import PolicyIndex, PrincipalSnapshot, take_snapshot

if TYPE_CHECKING:
    import casbin

_KEPT_SNAPSHOTS = 10_000
_KEPT_DECISIONS = 10_000
V = TypeVar("V")
_ALWAYS = dt.datetime.min.replace(tzinfo=dt.UTC)
_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A decision, and the span of time in which no rule of it begins or ends."""

    decision: ReadRestrictions
    since: dt.datetime
    until: dt.datetime

    def holds(self, table: PinnedTable, now: dt.datetime) -> bool:
        """Whether the decision is about just this reading of the table, at this time.

        One metadata file may be read with other tags a moment later: those of the namespace, or those that
        a pending change puts in doubt. So the reading itself is compared.
        """
        pinned = self.decision.table
        same = pinned is table or _what_decides(pinned) == _what_decides(table)
        return same and self.since <= now < self.until


def _what_decides(table: PinnedTable) -> tuple[object, ...]:
    """Return what of a table a decision depends on; what one metadata file and snapshot fix is in the key."""
    columns = [(each.tags, each.is_classified) for each in table.columns]
    return table.name, table.tags, table.holds_erased, columns


class CompiledPolicies:
    """The documents of a lake, ready to decide. Immutable but for what it remembers."""

    def __init__(self, policies: PolicySet, taxonomy: Taxonomy) -> None:
        self.documents = policies
        self.taxonomy = taxonomy
        self._index = PolicyIndex(policies)
        self._snapshots: OrderedDict[object, PrincipalSnapshot] = OrderedDict()
        self._decisions: OrderedDict[object, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Changes whenever the documents do."""
        return self.documents.fingerprint

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes that a query may be for."""
        return self.documents.purposes

    @cached_property
    def enforcer(self) -> "casbin.Enforcer":
        """The Casbin enforcer that holds every rule: the reference."""
        from lakeward.policies.rules import make_enforcer  # noqa: PLC0415 - a query does not wait for it

        return make_enforcer(self.documents)

    def snapshot(self, principal: Principal) -> PrincipalSnapshot:
        """Return what the documents come to for a principal."""
        key = (principal.name, principal.groups)
        with self._lock:
            if found := self._snapshots.get(key):
                return found
        taken = take_snapshot(self._index, principal.name, principal.groups)
        with self._lock:
            return _keep(self._snapshots, key, taken, _KEPT_SNAPSHOTS)

    def decide(self, context: RequestContext, table: PinnedTable) -> ReadRestrictions:
        """Return what may be read of a table.

        Raises:
            NothingVisibleError: Nothing of it.
        """
        decision = self.weigh(context, table)
        if not decision.grants:
            raise NothingVisibleError
        return decision

    def weigh(self, context: RequestContext, table: PinnedTable) -> ReadRestrictions:
        """Return what may be read of a table, with the reasons, where that is nothing too."""
        who = context.principal
        location = (table.metadata_location, table.snapshot_id, table.is_past)
        key = (who.name, who.groups, context.purpose, context.glass, location)
        with self._lock:
            kept = self._decisions.get(key)
        if kept is None or not kept.holds(table, context.now):
            kept = self._weigh(context, table)
            with self._lock:
                _keep(self._decisions, key, kept, _KEPT_DECISIONS)
        return kept.decision

    def _weigh(self, context: RequestContext, table: PinnedTable) -> _Kept:
        snapshot, name = self.snapshot(context.principal), str(table.name)
        if context.purpose not in self.purposes:
            return _Kept(_nothing(table), _ALWAYS, _NEVER)
        granted_, binding = snapshot.grants(name), snapshot.restrictions(name)
        reaching = [each for each in granted_ if _applies(each, context, table) and _reaches(each, table)]
        grants = [each for each in reaching if _is_open(each, context)]
        restrictions = [each for each in binding if _applies(each, context, table)]
        ends = [end for each in [*granted_, *binding] if (end := end_of(each))]
        ends += [end for each in granted_ if (end := glass_end(each, context))]
        decision = _combine(table, context, grants, restrictions, self)
        since = max((end for end in ends if end <= context.now), default=_ALWAYS)
        until = min((end for end in ends if end > context.now), default=None)
        return _Kept(replace(decision, holds_until=until), since, until or _NEVER)

    def restrictions_about(self, table: PinnedTable) -> list[Restriction]:
        """Return the restrictions about a table, whoever they bind and however long."""
        found = self._index.restrictions.about(str(table.name), self.documents.roles)
        return [each for each in found if _bears(each, table)]

    def grants_about(self, table: PinnedTable) -> list[Grant]:
        """Return the grants about a table, whoever has them and however long."""
        found = self._index.grants.about(str(table.name), self.documents.roles)
        return [each for each in found if _bears(each, table)]

    def may(self, context: RequestContext, act: str, table: TableName | None = None) -> bool:
        """Whether a principal may do something that is no query, as `policy.read`.

        An act on no table in particular needs a right on all of them.
        """
        for right in self.snapshot(context.principal).rights:
            here = "*" in right.tables or any(table and matches(str(table), each) for each in right.tables)
            if here and any(matches(act, each) for each in right.may):
                return True
        return False


def compile_policies(policies: PolicySet, taxonomy: Taxonomy) -> CompiledPolicies:
    """Make the documents of a lake ready to decide."""
    return CompiledPolicies(policies, taxonomy)


def _keep(kept: OrderedDict[object, V], key: object, value: V, most: int) -> V:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
    return value


def end_of(rule: Rule) -> dt.datetime | None:
    """Return the moment from which a rule no longer counts: the end of its last day, in UTC."""
    if rule.until is None or rule.until == dt.date.max:
        return None
    return dt.datetime.combine(rule.until, dt.time.min, dt.UTC) + dt.timedelta(days=1)


def glass_end(grant: Grant, context: RequestContext) -> dt.datetime | None:
    """Return when the last request of the principal for a break-glass grant ends; None without one.

    A document that allows less time than it did when the request was made counts for it too.
    """
    if grant.break_glass is None:
        return None
    longest = dt.timedelta(minutes=grant.break_glass.minutes)
    return max(
        (
            min(each.until, each.since + longest)
            for each in context.glass
            if each.grant_id == grant.id and each.purpose == context.purpose
        ),
        default=None,
    )


def _is_open(grant: Grant, context: RequestContext) -> bool:
    if grant.break_glass is None:
        return True
    end = glass_end(grant, context)
    return end is not None and context.now < end


def is_over(rule: Rule, now: dt.datetime) -> bool:
    """Whether a rule no longer counts."""
    end = end_of(rule)
    return end is not None and end <= now


def is_about(rule: Rule, table: PinnedTable) -> bool:
    """Whether a rule is about a table, by its name and by the tags that it or a column of it bears."""
    named = not rule.tables or any(matches(str(table.name), each) for each in rule.tables)
    return named and _bears(rule, table)


def _applies(rule: Rule, context: RequestContext, table: PinnedTable) -> bool:
    for_purpose = not rule.purposes or context.purpose in rule.purposes
    return for_purpose and not is_over(rule, context.now) and _bears(rule, table)


def _reaches(grant: Grant, table: PinnedTable) -> bool:
    """Whether a grant shows a snapshot at all: one that may hold erased rows only if it says so."""
    return not table.holds_erased or "erased" in grant.past


def _bears(rule: Rule, table: PinnedTable) -> bool:
    return not rule.tagged or any(
        matches(tag, pattern) for tag in _all_tags(table) for pattern in rule.tagged
    )


def _all_tags(table: PinnedTable) -> frozenset[str]:
    return table.tags.union(*(each.tags for each in table.columns))


def _combine(
    table: PinnedTable,
    context: RequestContext,
    grants: Iterable[Grant],
    restrictions: list[Restriction],
    policies: CompiledPolicies,
) -> ReadRestrictions:
    documents, taxonomy = policies.documents, policies.taxonomy
    reasons: dict[int, list[Reason]] = {each.field_id: [] for each in table.columns}
    floors = _floors(table, restrictions, reasons)
    cells = []
    for grant in grants:
        masks: dict[int, Mask] = {}
        for column in table.columns:
            outcome = _outcome(grant, column, taxonomy, table)
            reasons[column.field_id].append(_reason(grant, outcome))
            under = floors.get(column.field_id)
            mask = strictest([outcome.mask, under]) if under else outcome.mask
            if mask != HIDDEN:
                masks[column.field_id] = mask
        if masks:
            row_filter = _filter(grant, documents)
            cells.append(
                CellGrant(
                    grant_id=grant.id,
                    row_filter=row_filter,
                    masks=masks,
                    study=grant.study,
                    until=min(
                        (end for end in (end_of(grant), glass_end(grant, context)) if end), default=None
                    ),
                )
            )
    return ReadRestrictions(
        table=table,
        grants=tuple(cells),
        row_filters=tuple(found for each in restrictions if (found := _filter(each, documents))),
        reasons={field_id: tuple(each) for field_id, each in reasons.items()},
    )


def _outcome(grant: Grant, column: PinnedColumn, taxonomy: Taxonomy, table: PinnedTable) -> ColumnOutcome:
    if column.is_dropped and "dropped" not in grant.past:
        return ColumnOutcome(HIDDEN, "the column was dropped since")
    return granted(grant.columns, column, taxonomy, table)


def _nothing(table: PinnedTable) -> ReadRestrictions:
    reason = Reason(id="purposes", kind="default", text="the documents declare no such purpose")
    return ReadRestrictions(
        table=table, grants=(), reasons={each.field_id: (reason,) for each in table.columns}
    )


def _floors(
    table: PinnedTable, restrictions: Iterable[Restriction], reasons: dict[int, list[Reason]]
) -> dict[int, Mask]:
    floors: dict[int, Mask] = {}
    for restriction in restrictions:
        for column in table.columns:
            mask = floor(restriction.columns, column, table)
            if mask is not None:
                below = floors.get(column.field_id)
                floors[column.field_id] = strictest([mask, below]) if below else mask
                text = "denies it" if mask == HIDDEN else f"shows it at most as {mask}"
                reasons[column.field_id].append(Reason(id=restriction.id, kind="restriction", text=text))
    return floors


def _reason(grant: Grant, outcome: ColumnOutcome) -> Reason:
    text = f"does not show it: {outcome.why}" if outcome.mask == HIDDEN else outcome.why
    return Reason(id=grant.id, kind="grant", text=text)


def _filter(rule: Rule, documents: PolicySet) -> RowFilter | None:
    if rule.rows is None:
        return None
    return RowFilter(id=rule.id, sql=rule.rows, predicate=documents.filters[rule.id])
