"""The second half of the way of a query, up to the engine: rewrite."""

from dataclasses import dataclass, field
from functools import partial

from sqlglot import exp

from lakeward.catalog.pin import PinnedColumn
from lakeward.gateway.engines.duckdb.reader import key_reference
from lakeward.gateway.engines.duckdb.scan import scan
from lakeward.gateway.governed_relations import MADE_FOR_ONE, GovernedRelations, Pin
from lakeward.gateway.metadata_tables import MetadataTable
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.masks import MaskEnvironment
from lakeward.policies.rewrite.bind_row_filter import Binder
from lakeward.policies.rewrite.columns_used import columns_used
from lakeward.policies.rewrite.fuse import FusedPlan, NotProvenError, fuse
from lakeward.policies.rewrite.fuse.ask_engine import Bind
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
        bind: Asks the engine how it would run a text that reads nothing.
        may_fuse: Whether a statement that is proven harmless may run over the lake; else every one is staged.
        written: The governed relations that were written before; None keeps every relation a tree.
    """

    names: Names
    study: str
    bind: Bind
    may_fuse: bool = True
    written: GovernedRelations | None = field(default_factory=GovernedRelations)

    def plan(self, session: Session, statement: GovernedStatement) -> Plan:
        """Plan a governed statement."""
        tree, references = statement.tree, statement.references
        used = columns_used(tree, references)
        restrictions = show_less(tree, used, statement.restrictions)
        reason = "this gateway's settings"
        if self.may_fuse:
            relations = _Relations(self, session, statement, statement.pins.of_policy)
            try:
                fused = fuse(tree, references, restrictions, used, relations.node, self.bind)
                return Plan(run=fused, why_staged=None, labels=frozenset(relations.labels))
            except NotProvenError as unproven:
                reason = str(unproven)
        relations = _Relations(self, session, statement, statement.pins.of_policy)
        staged = stage(tree, references, restrictions, used, relations.select, self.bind)
        return Plan(run=staged, why_staged=reason, labels=frozenset(relations.labels))


class _Relations:
    """Makes the governed relations of one statement; `labels` are those of the keys that they look up."""

    def __init__(self, planner: Planner, session: Session, statement: GovernedStatement, pin: Pin) -> None:
        self._planner = planner
        self._session = session
        self._statement = statement
        self._pin = pin
        self._binder = Binder(names=planner.names, pin=pin, scan=scan, principal=session.principal)
        self.labels: set[str] = set()

    def select(
        self,
        restrictions: ReadRestrictions,
        columns: tuple[PinnedColumn, ...],
        conjuncts: tuple[exp.Expr, ...] = (),
    ) -> exp.Select:
        """Return the visible cells of some columns as a tree."""
        masks = MaskEnvironment(key=self._key, study=self._planner.study)
        return govern_relation(restrictions, columns, self._binder, masks, conjuncts)

    def node(self, restrictions: ReadRestrictions, columns: tuple[PinnedColumn, ...]) -> exp.Expr:
        """Return the visible cells of some columns, as the text of before where that still means the same."""
        written, table = self._planner.written, restrictions.table
        is_decided = self._statement.restrictions.get(table.name) is restrictions
        if written is None or not is_decided or isinstance(table, MetadataTable):
            return self.select(restrictions, columns)
        write = partial(self._write, restrictions, columns)
        relation = written.get(restrictions, columns, self._session.principal, self._pin, write)
        self.labels |= relation.labels
        return exp.Var(this=relation.text)

    def _write(
        self, restrictions: ReadRestrictions, columns: tuple[PinnedColumn, ...], pin: Pin
    ) -> tuple[exp.Select, frozenset[str]]:
        alone = _Relations(self._planner, self._session, self._statement, pin)
        return alone.select(restrictions, columns), frozenset(alone.labels)

    def _key(self, label: str) -> exp.Expr:
        if label == "query-local":
            label = f"{MADE_FOR_ONE}{self._statement.statement_id}"
        self.labels.add(label)
        return key_reference(label)
