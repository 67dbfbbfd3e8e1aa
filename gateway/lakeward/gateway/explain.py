"""What would be decided for a statement, and why; what would lift a denial."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from lakeward.catalog.errors import DeniedError, LakewardError
from lakeward.gateway.govern import govern
from lakeward.gateway.plan import Plan
from lakeward.gateway.recorded import record_denial, record_explained
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement, Pins
from lakeward.policies.decision import ReadRestrictions, Reason
from lakeward.policies.rewrite.stage import StagedPlan

if TYPE_CHECKING:
    from lakeward.gateway.service import Gateway

SEE_POLICY = "policy.read"
"""The right to see policies and the SQL that they make."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnExplanation:
    """One visible column: the forms in which its cells show, the least masked first, and why."""

    name: str
    forms: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableExplanation:
    """One table of the statement: what shows of it, by which grants and under which restrictions."""

    name: str
    snapshot_id: int | None
    grants: tuple[str, ...]
    restrictions: tuple[str, ...]
    row_filters: tuple[str, ...]
    columns: tuple[ColumnExplanation, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """What would happen to a statement.

    Attributes:
        denied: Why it would be refused; None when it would run.
        hint: What would lift the refusal.
        way: `fused` or `staged`, as far as it came to that.
        why_staged: The construct that is not proven harmless to hidden rows.
        tables: What was decided, table by table; of a refused statement too, where its tables are visible.
        sql: The statements that would run; None for a principal who may not see policy.
    """

    denied: str | None = None
    hint: str | None = None
    way: str | None = None
    why_staged: str | None = None
    tables: tuple[TableExplanation, ...] = ()
    sql: tuple[str, ...] | None = None


def explain(
    gateway: "Gateway", session: Session, text: str, at: str | None, parameters: Sequence[exp.Expr] = ()
) -> Explanation:
    """Take a statement through admit, pin, decide and rewrite, and say what came of it.

    Row filters and SQL are shown only to a principal with the right `policy.read`.
    """
    policies = gateway.policies.current()
    may_see = policies.may(session.context(), SEE_POLICY)
    pins, names, found = Pins(lake=gateway.lake, at=at), gateway.names, Explanation()
    try:
        statement = govern(
            session, text, "explain", policies=policies, names=names, pins=pins, parameters=parameters
        )
        record_explained(gateway.lake.audit, session, statement, policy=policies.fingerprint)
        tables = tuple(_table(each, may_see=may_see) for _, each in sorted(statement.restrictions.items()))
        found = Explanation(tables=tables)
        planned = replace(gateway.planner, written=None).plan(session, statement)
        way, sql = "fused" if planned.is_fused else "staged", tuple(_statements(planned)) if may_see else None
        found = replace(found, way=way, why_staged=planned.why_staged, sql=sql)
        _require_engine_to_take(gateway, session, statement, planned)
    except LakewardError as error:
        if isinstance(error, DeniedError):
            record_denial(gateway.lake.audit, session, "explain", text, error)
        return replace(found, denied=error.message, hint=error.hint)
    return found


def _require_engine_to_take(
    gateway: "Gateway", session: Session, statement: GovernedStatement, planned: Plan
) -> None:
    """Require that the engine would run a statement: that its names and types mean something there.

    Raises:
        LakewardError: It would not. A pivot without its values is not asked of: only rows know its columns.
    """
    prepared = gateway.engine.prepare(session, statement, planned)
    if not planned.is_fused and prepared.text is not None:
        with gateway.in_time(session) as ending:
            gateway.engine.describe(session, prepared, ending)


def _table(restrictions: ReadRestrictions, *, may_see: bool) -> TableExplanation:
    filters = [each.row_filter for each in restrictions.grants if each.row_filter] + list(
        restrictions.row_filters
    )
    return TableExplanation(
        name=str(restrictions.table.name),
        snapshot_id=restrictions.table.snapshot_id,
        grants=tuple(each.grant_id for each in restrictions.grants),
        restrictions=tuple(each.id for each in restrictions.row_filters),
        row_filters=tuple(f"{each.id}: {each.sql}" for each in filters) if may_see else (),
        columns=tuple(
            _column(each.name, each.field_id, restrictions) for each in restrictions.visible_columns
        ),
    )


def _column(name: str, field_id: int, restrictions: ReadRestrictions) -> ColumnExplanation:
    masks = {each.masks[field_id] for each in restrictions.grants if field_id in each.masks}
    ordered = sorted(masks, key=lambda mask: (mask.rank, mask.name))
    return ColumnExplanation(
        name=name,
        forms=tuple(mask.name for mask in ordered),
        reasons=tuple(restrictions.reasons.get(field_id, ())),
    )


def _statements(planned: Plan) -> Sequence[str]:
    if isinstance(planned.run, StagedPlan):
        stages = [f"-- {each.name}\n{_pretty(each.select)}" for each in planned.run.stages]
        return [*stages, f"-- on the bench\n{_pretty(planned.run.query)}"]
    return [_pretty(planned.run.query)]


def _pretty(query: object) -> str:
    return str(query.sql("duckdb", pretty=True, identify=True, comments=False))  # type: ignore[attr-defined]
