"""What was seen under emergency access, request by request, from the audit chain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lakeward.catalog.audit import AuditRecord
from lakeward.gateway.break_glass.requests import GlassRequest, State


@dataclass(kw_only=True, slots=True)
class GlassUse:
    """One request, and what was done under it."""

    request: GlassRequest
    state: State
    statements: int = 0
    rows: int = 0
    tables: set[str] = field(default_factory=set)

    @property
    def is_unreviewed(self) -> bool:
        """Whether somebody still has to look at it."""
        return self.request.reviewed_at is None


def glass_uses(
    requests: Sequence[GlassRequest], records: Iterable[AuditRecord], now: datetime
) -> list[GlassUse]:
    """Put together what was done under each request, those that nobody has reviewed first.

    Args:
        requests: Every request.
        records: The records of the audit chain, the newest first.
        now: The time of the report.
    """
    uses = {each.id: GlassUse(request=each, state=each.state(now)) for each in requests}
    ended: dict[str, int] = {}
    for record in records:
        statement = str(record.details.get("statement_id", ""))
        if record.kind == "query.finished":
            ended[statement] = int(record.details.get("rows", 0))
        elif record.kind == "query":
            for use in (uses[each] for each in record.details.get("break_glass", ()) if each in uses):
                use.statements += 1
                use.rows += ended.get(statement, 0)
                use.tables |= {str(each["table"]) for each in record.details.get("tables", ())}
    return sorted(uses.values(), key=lambda use: not use.is_unreviewed)
