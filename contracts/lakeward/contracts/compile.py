"""Compile a contract against one pinned table: all its rules, and one aggregate that counts for them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.contracts.clauses import CLAUSES
from lakeward.contracts.document import Contract
from lakeward.contracts.predicates import TABLE, rows
from lakeward.contracts.rules import Rule
from lakeward.contracts.scope import Scope, find_object

ROWS = "n"


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledContract:
    """A contract made ready for one pinned table.

    Attributes:
        contract: The contract.
        table: The one reading of the table that the rules were bound to.
        rules: Every clause of the contract, in the order of a report.
        query: One aggregate over the table `t`, giving one row: `n` and a count to each rule's alias.
    """

    contract: Contract
    table: PinnedTable
    rules: tuple[Rule, ...]
    query: exp.Select

    @property
    def counted(self) -> tuple[Rule, ...]:
        """The rules that need the metrics row."""
        return tuple(rule for rule in self.rules if rule.measure is not None)


def compile_contract(contract: Contract, table: PinnedTable, now: datetime | None = None) -> CompiledContract:
    """Bind every clause of a contract to a pinned table; freshness and retention are measured from `now`.

    Raises:
        ContractTableError: The contract does not describe this table.
    """
    moment = now or datetime.now(UTC)
    scope = Scope(contract=contract, object=find_object(contract, table), table=table, now=moment)
    rules = tuple(_numbered(contract, (rule for clause in CLAUSES for rule in clause(scope))))
    return CompiledContract(contract=contract, table=table, rules=rules, query=metrics_query(rules))


def metrics_query(rules: Iterable[Rule]) -> exp.Select:
    """Build the aggregate for some of the rules; always with the number of rows."""
    counts = [exp.alias_(rule.measure.copy(), rule.alias) for rule in rules if rule.measure is not None]
    return exp.select(exp.alias_(rows(), ROWS), *counts).from_(exp.to_table(TABLE))


def _numbered(contract: Contract, rules: Iterable[Rule]) -> Iterator[Rule]:
    """Give each rule its line, an id of its own, and the name of its count."""
    seen: Counter[str] = Counter()
    for index, rule in enumerate(rules):
        seen[rule.id] += 1
        id_ = rule.id if seen[rule.id] == 1 else f"{rule.id}.{seen[rule.id]}"
        alias = f"r_{index}" if rule.measure is not None else ""
        yield replace(rule, id=id_, alias=alias, line=contract.line(rule.pointer))
