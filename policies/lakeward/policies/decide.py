"""Decisions: a principal, a purpose and a pinned table to what may be read of it, with the reasons.

Rules are compiled once for each principal and decisions kept by the table's metadata file, so that a decision that was
made before is a look-up. Casbin's `enforce()` is the reference that this must agree with.
"""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable
from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.columns import ColumnOutcome, floor, granted, strictest
from lakeward.policies.decision import CellGrant, NothingVisibleError, ReadRestrictions, Reason, RowFilter
from lakeward.policies.documents import Grant, Restriction, Rule
from lakeward.policies.load import PolicySet
from lakeward.policies.masks import HIDDEN, Mask
from lakeward.policies.patterns import matches
from lakeward.policies.principal import Principal, RequestContext
from lakeward.policies.snapshot import PrincipalSnapshot, take_snapshot

if TYPE_CHECKING:
    import casbin

_KEPT_SNAPSHOTS = 10_000
_KEPT_DECISIONS = 10_000
V = TypeVar("V")
_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class _Kept:
    decision: ReadRestrictions | None
    until: dt.datetime


class CompiledPolicies:
    """The documents of a lake, ready to decide. Immutable but for what it remembers."""

    def __init__(self, policies: PolicySet, taxonomy: Taxonomy) -> None:
        self.documents = policies
        self.taxonomy = taxonomy
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
        taken = take_snapshot(self.documents, principal.name, principal.groups)
        with self._lock:
            return _keep(self._snapshots, key, taken, _KEPT_SNAPSHOTS)

    def decide(self, context: RequestContext, table: PinnedTable) -> ReadRestrictions:
        """Return what may be read of a table.

        Raises:
            NothingVisibleError: Nothing of it.
        """
        who = context.principal
        key = (who.name, who.groups, context.purpose, table.metadata_location, table.snapshot_id, table.is_past)
        with self._lock:
            kept = self._decisions.get(key)
        if kept is None or kept.until <= context.now:
            kept = self._decide(context, table)
            with self._lock:
                _keep(self._decisions, key, kept, _KEPT_DECISIONS)
        if kept.decision is None:
            raise NothingVisibleError
        return kept.decision

    def _decide(self, context: RequestContext, table: PinnedTable) -> _Kept:
        snapshot = self.snapshot(context.principal)
        if context.purpose not in self.purposes:
            return _Kept(None, _NEVER)
        grants = [each for each in snapshot.grants.about(str(table.name)) if _applies(each, context, table)]
        restrictions = [each for each in snapshot.restrictions.about(str(table.name)) if _applies(each, context, table)]
        ends = [end for each in [*grants, *restrictions] if (end := _end(each))]
        decision = _combine(table, grants, restrictions, self.documents, self.taxonomy)
        return _Kept(decision if decision.grants else None, min(ends, default=_NEVER))

    def may(self, context: RequestContext, act: str, table: TableName | None = None) -> bool:
        """Whether a principal may do something that is no query, as `policy.read`."""
        for right in self.snapshot(context.principal).rights:
            here = table is None or any(matches(str(table), each) for each in right.tables)
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


def _end(rule: Rule) -> dt.datetime | None:
    """Return the moment from which a rule no longer counts: the end of its last day, in UTC."""
    if rule.until is None:
        return None
    return dt.datetime.combine(rule.until, dt.time.min, dt.UTC) + dt.timedelta(days=1)


def _applies(rule: Rule, context: RequestContext, table: PinnedTable) -> bool:
    if rule.purposes and context.purpose not in rule.purposes:
        return False
    if (end := _end(rule)) is not None and end <= context.now:
        return False
    return not rule.tagged or any(matches(tag, pattern) for tag in _all_tags(table) for pattern in rule.tagged)


def _all_tags(table: PinnedTable) -> frozenset[str]:
    return table.tags.union(*(each.tags for each in table.columns))


def _combine(
    table: PinnedTable,
    grants: Iterable[Grant],
    restrictions: list[Restriction],
    documents: PolicySet,
    taxonomy: Taxonomy,
) -> ReadRestrictions:
    reasons: dict[int, list[Reason]] = {each.field_id: [] for each in table.columns}
    floors = _floors(table, restrictions, reasons)
    cells = []
    for grant in grants:
        masks: dict[int, Mask] = {}
        for column in table.columns:
            outcome = granted(grant.columns, column, taxonomy)
            reasons[column.field_id].append(_reason(grant, outcome))
            under = floors.get(column.field_id)
            mask = strictest([outcome.mask, under]) if under else outcome.mask
            if mask != HIDDEN:
                masks[column.field_id] = mask
        if masks:
            row_filter = _filter(grant, documents)
            cells.append(
                CellGrant(grant_id=grant.id, row_filter=row_filter, masks=masks, study=grant.study, until=_end(grant))
            )
    return ReadRestrictions(
        table=table,
        grants=tuple(cells),
        row_filters=tuple(found for each in restrictions if (found := _filter(each, documents))),
        reasons={field_id: tuple(each) for field_id, each in reasons.items()},
    )


def _floors(
    table: PinnedTable, restrictions: Iterable[Restriction], reasons: dict[int, list[Reason]]
) -> dict[int, Mask]:
    floors: dict[int, Mask] = {}
    for restriction in restrictions:
        for column in table.columns:
            mask = floor(restriction.columns, column)
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
