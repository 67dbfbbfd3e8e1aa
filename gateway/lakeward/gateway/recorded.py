"""What the audit chain keeps of a statement."""

from collections.abc import Mapping
from typing import Any

from lakeward.catalog.audit import AuditChain, AuditEvent
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import owner_name
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.errors import PolicyError
from lakeward.policies.fingerprint import fingerprint
from lakeward.policies.principal import BrokenGlass


def record_query(
    audit: AuditChain, session: Session, statement: GovernedStatement, *, way: str, policy: str
) -> None:
    """Record a statement that is about to run; when this returns, the record is durable.

    Raises:
        AuditUnavailableError: It could not be written, so nothing may run.
    """
    details = _decided(session, statement, policy)
    audit.append(_event("query", session, details | {"way": way}))


def record_explained(
    audit: AuditChain, session: Session, statement: GovernedStatement, *, policy: str
) -> None:
    """Record that a principal is told what would be decided for a statement.

    Raises:
        AuditUnavailableError: It could not be written, so nothing may be told.
    """
    audit.append(_event("explain", session, _decided(session, statement, policy)))


def record_listing(audit: AuditChain, session: Session) -> None:
    """Record that a principal asks which tables and columns are there for them.

    Raises:
        AuditUnavailableError: It could not be written, so nothing may be told.
    """
    details: dict[str, Any] = {"statement_id": "listing"}
    if session.glass:
        details["break_glass"] = [each.request_id for each in session.glass]
    audit.append(_event("catalog", session, details))


def _decided(session: Session, statement: GovernedStatement, policy: str) -> dict[str, Any]:
    details: dict[str, Any] = {
        "statement_id": statement.statement_id,
        "statement": statement.bare,
        "fingerprint": fingerprint(statement.bare),
        "policy": policy,
        "tables": [
            {"table": str(name), "snapshot": each.table.snapshot_id, "by": sorted(_grounds(each))}
            for name, each in sorted(statement.restrictions.items())
        ],
    }
    if acting := glass_acting(session, statement):
        details["break_glass"] = sorted({each.request_id for each in acting})
    return details


def glass_acting(session: Session, statement: GovernedStatement) -> tuple[BrokenGlass, ...]:
    """Give the emergency access without which the statement would show less."""
    grants = {grant.grant_id for each in statement.restrictions.values() for grant in each.grants}
    return tuple(each for each in session.glass if each.grant_id in grants)


def _grounds(restrictions: ReadRestrictions) -> set[str]:
    grants = {each.grant_id for each in restrictions.grants}
    return grants | {each.id for each in restrictions.row_filters}


def record_finish(audit: AuditChain, session: Session, statement_id: str, *, rows: int, outcome: str) -> None:
    """Record how a statement ended and how many rows went out; its reader does not wait for that."""
    details = {"statement_id": statement_id, "rows": rows, "outcome": outcome}
    audit.append_later(_event("query.finished", session, details))


def record_denial(
    audit: AuditChain, session: Session, statement_id: str, text: str, error: LakewardError
) -> None:
    """Record a statement that was refused; of its text only the length."""
    details: dict[str, Any] = {
        "statement_id": statement_id,
        "code": error.code,
        "reason": error.recorded,
        "characters": len(text),
    }
    if session.glass:
        details["break_glass"] = [each.request_id for each in session.glass]
    audit.append(_event("denial", session, details))


def record_fault(audit: AuditChain, session: Session, statement_id: str, fault: BaseException) -> None:
    """Record that the engine failed, by the class of its error: its words may quote a cell."""
    details = {"statement_id": statement_id, "fault": type(fault).__name__}
    audit.append_later(_event("query.failed", session, details))


def record_refused_policies(audit: AuditChain, fault: PolicyError) -> None:
    """Record that documents which were changed do not hold up, so that those before stay in force.

    It says where, not what: a fault may quote a row filter.
    """
    details = {"faults": [str(place) for place, _ in fault.faults], "more": fault.more}
    audit.append_later(AuditEvent(kind="policy.refused", principal=owner_name(), details=details))


def _event(kind: str, session: Session, details: Mapping[str, Any]) -> AuditEvent:
    return AuditEvent(kind=kind, principal=session.principal.name, purpose=session.purpose, details=details)
