"""The second half of the way of a query, up to the engine: rewrite."""

from dataclasses import dataclass

from sqlglot import exp

from lakeward.catalog.pin import PinnedColumn
from lakeward.gateway.engines.duckdb.reader import key_reference
from lakeward.gateway.engines.duckdb.scan import scan
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.masks import MaskEnvironment
from lakeward.policies.rewrite.bind_row_filter import Binder
from lakeward.policies.rewrite.columns_used import columns_used
from lakeward.policies.rewrite.fuse import FusedPlan, NotProvenError, fuse
from lakeward.policies.rewrite.governed_relation import govern_relation
from lakeward.policies.rewrite.resolve import Names
from lakeward.policies.rewrite.show_less import show_less
from lakeward.policies.rewrite.stage import StagedPlan, stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How a statement is to run: fused where it is proven harmless, else staged.

    Attributes:
        run: What the engine is to do.
        why_staged: The construct that is not proven; None when the plan is fused.
        labels: Keys that the governed relations look up.
    """

    run: FusedPlan | StagedPlan
    why_staged: str | None
    labels: frozenset[str]

    @property
    def is_fused(self) -> bool:
        """Whether it runs as one statement over the lake."""
        return isinstance(self.run, FusedPlan)


@dataclass(frozen=True, kw_only=True, slots=True)
class Planner:
    """Plans the statements of one gateway.

    Attributes:
        names: What names mean in its lake.
        study: The key domain of grants that name none.
        may_fuse: Whether a statement that is proven harmless may run over the lake; else every one is staged.
    """

    names: Names
    study: str
    may_fuse: bool = True

    def plan(self, session: Session, statement: GovernedStatement) -> Plan:
        """Plan a governed statement."""
        return _plan(self, session, statement)


def _plan(planner: Planner, session: Session, statement: GovernedStatement) -> Plan:
    labels: set[str] = set()

    def key(label: str) -> exp.Expr:
        if label == "query-local":
            label = f"query-local:{statement.statement_id}"
        labels.add(label)
        return key_reference(label)

    binder = Binder(names=planner.names, pin=statement.pins.of_policy, scan=scan, principal=session.principal)
    masks = MaskEnvironment(key=key, study=planner.study)

    def govern(
        restrictions: ReadRestrictions,
        columns: tuple[PinnedColumn, ...],
        conjuncts: tuple[exp.Expr, ...] = (),
    ) -> exp.Select:
        return govern_relation(restrictions, columns, binder, masks, conjuncts)

    tree, references = statement.tree, statement.references
    used = columns_used(tree, references)
    restrictions = show_less(tree, used, statement.restrictions)
    reason = "this gateway's settings"
    if planner.may_fuse:
        try:
            fused = fuse(tree, references, restrictions, used, govern)
            return Plan(run=fused, why_staged=None, labels=frozenset(labels))
        except NotProvenError as unproven:
            reason = str(unproven)
            labels.clear()
    staged = stage(tree, references, restrictions, used, govern)
    return Plan(run=staged, why_staged=reason, labels=frozenset(labels))
