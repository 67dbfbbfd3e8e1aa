"""Statements that were planned before, and still mean the same.

A plan is kept by the exact text and parameters, who asks, for what, and the policies in force. It is used
again only while every table that it read, the user's and those of row filters, still has the very reading
that it was planned with, and no rule about them has ended since. So a revoked grant, a new tag or a new
snapshot counts at the next statement.
"""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.engines.duckdb.prepare import Prepared
from lakeward.gateway.governed_relations import MADE_FOR_ONE, identity_of
from lakeward.gateway.session import Session
from lakeward.gateway.statement import Pins

_KEPT = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    prepared: Prepared
    of_user: Mapping[TableName, PinnedTable]
    of_policy: Mapping[TableName, PinnedTable]


class PlanCache:
    """Keeps the plans used last; safe to use from several threads."""

    def __init__(self) -> None:
        self._plans: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, pins: Pins, now: dt.datetime, statement_id: str) -> Prepared | None:
        """Return a kept plan under a new statement's id, if it still means what it meant."""
        with self._lock:
            kept = self._plans.get(key)
            if kept is not None:
                self._plans.move_to_end(key)
        if kept is None or not _holds(kept, pins, now):
            return None
        statement = replace(kept.prepared.statement, statement_id=statement_id, pins=pins)
        return replace(kept.prepared, statement=statement)

    def keep(self, key: Hashable, prepared: Prepared, pins: Pins) -> None:
        """Keep a plan, unless it holds a key that was made for its statement alone.

        Nor is one kept whose row filters missed a table: it may be there a moment later.
        """
        if not pins.is_whole or any(label.startswith(MADE_FOR_ONE) for label in prepared.plan.labels):
            return
        of_user, of_policy = pins.seen()
        with self._lock:
            self._plans[key] = _Kept(prepared=prepared, of_user=of_user, of_policy=of_policy)
            while len(self._plans) > _KEPT:
                self._plans.popitem(last=False)


def plan_key(
    session: Session, text: str, at: str | None, policies: str, parameters: Hashable = ()
) -> Hashable:
    """Return everything that a plan depends on, but for the tables."""
    asked = text, parameters, at, session.dialect
    return *asked, identity_of(session.principal), session.purpose, session.glass, policies


def _holds(kept: _Kept, pins: Pins, now: dt.datetime) -> bool:
    decided = kept.prepared.statement.restrictions.values()
    if any(each.holds_until is not None and each.holds_until <= now for each in decided):
        return False
    try:
        return all(pins.of_user(name) == table for name, table in kept.of_user.items()) and all(
            pins.of_policy(name) == table for name, table in kept.of_policy.items()
        )
    except LakewardError:
        return False
