"""Row filters with a subquery that may fail on a value, and so would end a statement for a hidden row."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.rows import TableNotFoundError
from lakeward.policies.decide import is_about
from lakeward.policies.documents import Rule
from lakeward.policies.principal import Principal
from lakeward.policies.rewrite.bind_row_filter import Binder
from lakeward.policies.rewrite.fuse.kinds import NotProvenError, value_of
from lakeward.policies.rewrite.fuse.prove import Prover
from lakeward.policies.rewrite.fuse.scope import Relation
from lakeward.policies.rewrite.resolve import Names

_OWN = frozenset({"principal", "attribute"})
_WORD, _NUMBER = exp.Literal.string(""), exp.Literal.number(0)
_ATTRIBUTES = (exp.null(), _WORD, _NUMBER, *(exp.Array(expressions=[each]) for each in (_WORD, _NUMBER)))
"""An attribute may be whatever fits."""
_TODAY = (exp.CurrentDate, exp.CurrentTimestamp)
_RAW = "_raw"


def fragile_part(rule: Rule, condition: exp.Expr, tables: Sequence[PinnedTable]) -> str | None:
    """Return what may fail in a row filter's conjuncts with a subquery, over the tables of a lake.

    Other conjuncts give NULL where they fail (`contain_faults.py`).
    """
    conjuncts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    about = [table for table in tables if is_about(rule, table)]
    for conjunct in (each for each in conjuncts if each.find(exp.Query)):
        for table in about:
            if found := _fault_in(conjunct, table, tables):
                return found
    return None


def _fault_in(conjunct: exp.Expr, table: PinnedTable, tables: Sequence[PinnedTable]) -> str | None:
    """Return what may fail whatever the attributes are."""
    first: str | None = None
    for attribute in _ATTRIBUTES:
        found = _fault(_without_principal(conjunct, attribute), table, tables)
        if found is None:
            return None
        first = first or found
    return first


@dataclass(slots=True)
class _Stand:
    """Tables of the policy, each in the place where a scan of it would stand."""

    tables: Sequence[PinnedTable]
    columns: dict[int, tuple[PinnedColumn, ...]] = field(default_factory=dict)

    def pin(self, name: TableName) -> PinnedTable:
        for each in self.tables:
            if str(each.name) == str(name):
                return each
        raise TableNotFoundError(name)  # another check says so

    def scan(self, table: PinnedTable) -> exp.Expr:
        node = exp.Table(this=exp.to_identifier(table.name.table, quoted=True))
        self.columns[id(node)] = table.columns
        return node


def _fault(conjunct: exp.Expr, table: PinnedTable, tables: Sequence[PinnedTable]) -> str | None:
    stand = _Stand(tables)
    names = Names(lake="", default_namespace=table.name.namespace)
    nobody = Principal(name="")
    bound = Binder(names=names, pin=stand.pin, scan=stand.scan, principal=nobody).bind(conjunct, table, _RAW)
    raw = Relation(_RAW, {each.name.casefold(): value_of(each.type) for each in table.columns})
    try:
        Prover(tables=stand.columns).prove_condition(bound, raw)
    except NotProvenError as fault:
        return str(fault)
    return None


def _without_principal(conjunct: exp.Expr, attribute: exp.Expr) -> exp.Expr:
    """Put a constant for what is known of who asks, and for a time that is so long ago or ahead."""
    copied = conjunct.copy()
    for node in list(copied.walk()):
        own = str(node.this).lower() if isinstance(node, exp.Anonymous) else ""
        if own in _OWN:
            node.replace((_WORD if own == "principal" else attribute).copy())
        elif (
            isinstance(node, exp.Add | exp.Sub)
            and node.find(*_TODAY)
            and not node.find(exp.Column, exp.Query)
        ):
            node.replace(exp.CurrentDate())
    return copied
