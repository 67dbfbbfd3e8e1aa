"""A plan -> text that DuckDB's own parser has confirmed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlglot import ErrorLevel, exp

from lakeward.gateway.answer import Description, Way
from lakeward.gateway.engines.duckdb.faults import bench_fault, fused_fault
from lakeward.gateway.engines.duckdb.keys_table import KEYS_TABLE
from lakeward.gateway.engines.duckdb.parser import Parser
from lakeward.gateway.engines.duckdb.unbound import require_names, why_unbound
from lakeward.gateway.governed_relations import MADE_FOR_ONE
from lakeward.gateway.kept_answers import Answers, gives_the_same_again
from lakeward.gateway.plan import Plan
from lakeward.gateway.running import Fault
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.parameters import number_parameters
from lakeward.policies.admit.parse import parse_one_statement
from lakeward.policies.rewrite.expand_pivots import expand_pivots, needs_values
from lakeward.policies.rewrite.fuse import FusedPlan
from lakeward.policies.rewrite.name_outputs import leaves_unnamed, name_outputs
from lakeward.policies.rewrite.resolve import Names
from lakeward.policies.rewrite.stage import Stage, StagedPlan, spellings
from lakeward.policies.verify import DisagreementError, verify_reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A verified plan; `text` is what the engine will run, None while a pivot still needs its values.

    `described` says what its answer is like, where somebody has asked before; `answers` holds it, where it
    was given before and is small.
    """

    statement: GovernedStatement
    plan: Plan
    query: exp.Query
    text: str | None
    described: Description | None = None
    answers: Answers | None = None

    @property
    def way(self) -> Way:
        """How it will run."""
        return "fused" if self.plan.is_fused else "staged"

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The tables that are laid on a bench before it runs."""
        return self.plan.run.stages if isinstance(self.plan.run, StagedPlan) else ()

    @property
    def drawn(self) -> Stage | None:
        """The one stage whose rows may stream through the bench while its text runs, if there is one."""
        run = self.plan.run
        streams = isinstance(run, StagedPlan) and run.reads_once and self.text is not None
        return self.stages[0] if streams else None


class Preparer:
    """Prepares the statements of one gateway."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._parser = Parser()

    def bind(self, text: str) -> str:
        """Return the plan that DuckDB binds for a text that reads nothing."""
        return self._parser.bind(text)

    def prepare(self, session: Session, statement: GovernedStatement, plan: Plan) -> Prepared:
        """Name the outputs as DuckDB names them and have its parser confirm the final text.

        Raises:
            DisagreementError: The parser sees something else than lakeward does.
            DeniedError: A name in what is to be staged means nothing.
        """
        names = self._names_in(session.dialect, statement)
        query = name_outputs(plan.run.query, statement.tree, names, copy=not plan.is_fused)
        is_open = not plan.is_fused and needs_values(query)
        if not (plan.is_fused or is_open):
            require_names(statement, self.bind)
        text = None if is_open else self._verified(query, statement, plan)
        return Prepared(statement=statement, plan=plan, query=query, text=text)

    def _names_in(self, dialect: str, statement: GovernedStatement) -> Sequence[str | None] | None:
        """Give the engine's names, in another dialect for the plain spelling in DuckDB's."""
        is_ours = dialect == "duckdb"
        if not leaves_unnamed(statement.tree):
            if is_ours:
                self._parser.require_syntax(statement.text)
            return None
        if is_ours:
            return self._parser.output_names(statement.text)
        try:
            numbered = number_parameters(statement.text, dialect)
            plain = parse_one_statement(numbered, dialect, as_written=False)
            return self._parser.output_names(
                plain.sql("duckdb", comments=False, unsupported_level=ErrorLevel.IGNORE)
            )
        except NotAdmittedError:
            return None  # its plain spelling is no SQL of DuckDB's; what runs is the translated one

    def with_values(self, prepared: Prepared, texts: Callable[[str], Sequence[str]]) -> str:
        """Write out the values of open pivots, found on the bench, and verify what then stands there.

        Raises:
            DisagreementError: The parser sees something else than lakeward does.
        """
        query = expand_pivots(prepared.query, lambda each: texts(each.sql("duckdb", identify=True)))
        return self._verified(query, prepared.statement, prepared.plan)

    def fault_of(self, prepared: Prepared) -> Fault:
        """Return what tells in our words why a statement failed."""
        tell = fused_fault if prepared.plan.is_fused else bench_fault
        return partial(tell, unbound=partial(why_unbound, prepared.statement, self.bind))

    def is_repeatable(self, prepared: Prepared) -> bool:
        """Whether a statement gives the same whenever it runs over the same tables."""
        made_for_one = any(label.startswith(MADE_FOR_ONE) for label in prepared.plan.labels)
        if prepared.text is None or made_for_one:
            return False
        texts = [prepared.text, *(each.select.sql("duckdb", identify=True) for each in prepared.stages)]
        try:
            return all(gives_the_same_again(self._parser.read(each)) for each in texts)
        except DisagreementError:  # its rows have gone out: it is only not kept
            return False

    def _verified(self, query: exp.Query, statement: GovernedStatement, plan: Plan) -> str:
        text = query.sql(
            "duckdb", copy=False, identify=True, comments=False, unsupported_level=ErrorLevel.RAISE
        )  # the query is ours, and is not looked at again
        reading = self._parser.read(text)
        if isinstance(plan.run, FusedPlan):
            verify_reading(reading, [KEYS_TABLE], own_table_functions=frozenset({"iceberg_scan"}))
        else:
            verify_reading(
                reading, [each for name in statement.restrictions for each in spellings(name, self._names)]
            )
        return text

    def close(self) -> None:
        """Close the parser."""
        self._parser.close()
