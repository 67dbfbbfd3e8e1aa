"""Requests for emergency access: made, looked up for each statement, ended early, reviewed.

A row counts only while its seal verifies, which who can write to the database but has no key cannot make. The
reason may name a patient, so it stays in the store; records and notices hold its hash.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.lake import Lake
from lakeward.catalog.store.schema import break_glass_request as rows
from lakeward.catalog.store.seal import Seal
from lakeward.gateway.break_glass.errors import (
    GlassRefusedError,
    GlassTooLongError,
    MayNotReviewError,
    NoReasonError,
    NotReviewableError,
    UnknownGlassRequestError,
)
from lakeward.gateway.break_glass.notify import Notifier
from lakeward.policies.decide import CompiledPolicies, is_over
from lakeward.policies.documents import Grant
from lakeward.policies.lint import REVIEW
from lakeward.policies.principal import BrokenGlass, Principal, RequestContext

Outcome = Literal["justified", "unjustified"]
State = Literal["active", "ended", "reviewed", "forged"]

_LEAST, _MOST = 10, 1000  # characters of a reason
_ENDED, _MOST_ENDED = "break-glass.ended", 10_000
_SEALED = ("id", "grant_id", "principal", "purpose", "reason", "requested_at", "until")


@dataclass(frozen=True, kw_only=True, slots=True)
class GlassRequest:
    """One request, as the store holds it."""

    id: str
    grant_id: str
    principal: str
    purpose: str
    reason: str
    requested_at: str
    until: str
    ended_at: str | None
    reviewed_at: str | None
    reviewed_by: str | None
    outcome: str | None
    note: str | None
    is_sealed: bool

    def state(self, now: datetime) -> State:
        """Say what has become of it."""
        if not self.is_sealed:
            return "forged"
        if self.reviewed_at is not None:
            return "reviewed"
        is_active = self.ended_at is None and now < datetime.fromisoformat(self.until)
        return "active" if is_active else "ended"

    def broken(self) -> BrokenGlass:
        """Give it as decisions take it."""
        return BrokenGlass(
            request_id=self.id,
            grant_id=self.grant_id,
            purpose=self.purpose,
            since=datetime.fromisoformat(self.requested_at),
            until=datetime.fromisoformat(self.until),
        )


class BreakGlass:
    """The requests of one lake."""

    def __init__(self, lake: Lake, notifier: Notifier | None = None) -> None:
        self._lake = lake
        self._seal = Seal(lake.keys.derive("break-glass"), _SEALED)
        self._notifier = notifier or Notifier(lake)

    def request(
        self,
        context: RequestContext,
        policies: CompiledPolicies,
        grant_id: str,
        *,
        reason: str,
        minutes: int | None = None,
    ) -> GlassRequest:
        """Ask for emergency access; when this returns, it counts.

        Args:
            context: Who asks, for which purpose, when.
            policies: The documents in force.
            grant_id: The grant that shows what is needed.
            reason: Why; for the reviewer.
            minutes: For how long; by default as long as the grant allows.

        Raises:
            GlassRefusedError: The policies give no such access to this principal for this purpose.
            NoReasonError: The reason is missing, too short or too long.
            GlassTooLongError: The policies allow less time.
            AuditUnavailableError: It could not be recorded, so it does not count.
        """
        most = _most_minutes(_grant(policies, context, grant_id))
        why = " ".join(reason.split())
        if not _LEAST <= len(why) <= _MOST:
            raise NoReasonError(_LEAST, _MOST)
        asked = most if minutes is None else minutes
        if not 1 <= asked <= most:
            raise GlassTooLongError(asked, most)
        values = {
            "id": secrets.token_hex(8),
            "grant_id": grant_id,
            "principal": context.principal.name,
            "purpose": context.purpose,
            "reason": why,
            "requested_at": _text(context.now),
            "until": _text(context.now + timedelta(minutes=asked)),
        }
        self._record(
            "break-glass.requested", values, {"until": values["until"], "reason_sha256": _sha256(why)}
        )
        with self._lake.store.writing() as connection:
            connection.execute(insert(rows).values(**values, seal=self._seal.of(values)))
        made = self.find(str(values["id"]))
        self._tell("requested", made)
        return made

    def active(self, principal: str, purpose: str | None, now: datetime) -> tuple[BrokenGlass, ...]:
        """Give the requests of a principal for a purpose that have neither ended nor been ended."""
        query = select(rows).where(
            rows.c.principal == principal, rows.c.purpose == purpose, rows.c.ended_at.is_(None)
        )
        with self._lake.store.reading() as connection:
            found = [self._read(row) for row in connection.execute(query.order_by(rows.c.id))]
        open_ = [each for each in found if each.state(now) == "active"]
        ended = (
            self._ended_since(principal, min(each.requested_at for each in open_)) if open_ else frozenset()
        )
        return tuple(each.broken() for each in open_ if each.id not in ended)

    def _ended_since(self, principal: str, since: str) -> frozenset[str]:
        """Look into the audit chain, from which nobody takes an end back: the row may be an older one."""
        kept = self._lake.audit.records(kind=_ENDED, principal=principal, since=since, limit=_MOST_ENDED)
        return frozenset(each for record in kept for each in record.details["break_glass"])

    def all(self) -> list[GlassRequest]:
        """Give every request, the newest first."""
        with self._lake.store.reading() as connection:
            query = select(rows).order_by(rows.c.requested_at.desc(), rows.c.id)
            return [self._read(row) for row in connection.execute(query)]

    def find(self, request_id: str) -> GlassRequest:
        """Give one request.

        Raises:
            UnknownGlassRequestError: There is none of that id.
        """
        with self._lake.store.reading() as connection:
            row = connection.execute(select(rows).where(rows.c.id == request_id)).first()
        if row is None:
            raise UnknownGlassRequestError
        return self._read(row)

    def end(self, request_id: str, *, by: str, now: datetime) -> GlassRequest:
        """End a request early; what runs under it is cancelled within a second.

        Raises:
            UnknownGlassRequestError: There is none of that id.
        """
        found = self.find(request_id)
        if found.ended_at is None:
            self._change(request_id, {"ended_at": _text(now)})
            self._record(_ENDED, _named(found), {"by": by})
            self._tell("ended", found)
        return self.find(request_id)

    def review(
        self,
        request_id: str,
        reviewer: RequestContext,
        policies: CompiledPolicies,
        *,
        outcome: Outcome,
        note: str = "",
    ) -> GlassRequest:
        """Say afterwards whether a request was justified.

        Raises:
            MayNotReviewError: The reviewer has no right `break_glass.review`.
            UnknownGlassRequestError: There is none of that id.
            NotReviewableError: It still counts, was reviewed, or is the reviewer's own.
        """
        if not policies.may(reviewer, REVIEW):
            raise MayNotReviewError
        found = self.find(request_id)
        if found.principal == reviewer.principal.name:
            raise NotReviewableError("nobody reviews their own")
        state = found.state(reviewer.now)
        if state in ("active", "reviewed"):
            raise NotReviewableError("it still counts" if state == "active" else "it has been reviewed")
        facts = {"by": reviewer.principal.name, "outcome": outcome}
        self._record("break-glass.reviewed", _named(found), facts)
        self._change(
            request_id,
            {
                "reviewed_at": _text(reviewer.now),
                "reviewed_by": reviewer.principal.name,
                "outcome": outcome,
                "note": note[:_MOST],
            },
        )
        self._tell("reviewed", found)
        return self.find(request_id)

    def _change(self, request_id: str, values: Mapping[str, str]) -> None:
        with self._lake.store.writing() as connection:
            connection.execute(update(rows).where(rows.c.id == request_id).values(**values))

    def _record(self, kind: str, named: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        details = {"break_glass": [named["id"]], "grant": named["grant_id"], **facts}
        self._lake.audit.append(
            AuditEvent(kind=kind, principal=named["principal"], purpose=named["purpose"], details=details)
        )

    def _tell(self, what: str, request: GlassRequest) -> None:
        for means, is_delivered in self._notifier.tell(what, _named(request)):
            self._record("break-glass.notified", _named(request), {"by": means, "delivered": is_delivered})

    def _read(self, row: Row[Any]) -> GlassRequest:
        values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
        is_sealed = self._seal.is_on(values)
        del values["seal"]
        return GlassRequest(**values, is_sealed=is_sealed)


def breakable(policies: CompiledPolicies, principal: Principal) -> bool:
    """Whether the policies hold emergency access for a principal at all: others cost no look at the store."""
    roles = policies.snapshot(principal).roles
    return any(each.break_glass and not roles.isdisjoint(each.to) for each in policies.documents.grants)


def _grant(policies: CompiledPolicies, context: RequestContext, grant_id: str) -> Grant:
    roles = policies.snapshot(context.principal).roles
    for each in policies.documents.grants:
        is_for = not roles.isdisjoint(each.to) and (not each.purposes or context.purpose in each.purposes)
        counts = context.purpose in policies.purposes and not is_over(each, context.now)
        if each.id == grant_id and each.break_glass and is_for and counts:
            return each
    raise GlassRefusedError


def _most_minutes(grant: Grant) -> int:
    return grant.break_glass.minutes if grant.break_glass else 0


def _named(request: GlassRequest) -> dict[str, Any]:
    names = ("id", "grant_id", "principal", "purpose", "requested_at", "until")
    return {name: getattr(request, name) for name in names}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
