"""The staged way: which governed relations to lay on the bench before the user's own query runs there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.rewrite.columns_used import UsedColumns
from lakeward.policies.rewrite.copy_conjuncts import copy_conjuncts
from lakeward.policies.rewrite.fuse.ask_engine import Bind
from lakeward.policies.rewrite.read_once import reads_once
from lakeward.policies.rewrite.resolve import Names, TableReference

Govern = Callable[[ReadRestrictions, tuple[PinnedColumn, ...], tuple[exp.Expr, ...]], exp.Select]
"""Restrictions, wanted columns and copied conjuncts to the SELECT that yields the visible cells."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One table of the bench: its name there, and the SELECT over the lake that fills it."""

    name: TableName
    columns: tuple[PinnedColumn, ...]
    select: exp.Select


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedPlan:
    """What the reader is to lay on the bench, and the query that then runs there.

    Attributes:
        stages: The tables of the bench.
        query: What runs there.
        reads_once: Whether the query may draw the rows of its one stage in while it runs.
    """

    stages: tuple[Stage, ...]
    query: exp.Query
    reads_once: bool = False


def stage(
    tree: exp.Query,
    references: tuple[TableReference, ...],
    restrictions: Mapping[TableName, ReadRestrictions],
    used: UsedColumns,
    govern: Govern,
    bind: Bind,
) -> StagedPlan:
    """Plan the bench of an admitted query.

    The bench bears the lake's own names, so the query runs there as it is: what it means on a sanitised copy
    is what it means, with no rewriting in between that could be wrong.
    """
    conjuncts = copy_conjuncts(references, restrictions, bind)
    stages = [
        _stage(each, used, conjuncts.get(name, ()), govern) for name, each in sorted(restrictions.items())
    ]
    return StagedPlan(stages=tuple(stages), query=tree, reads_once=reads_once(tree, references))


def _stage(
    restrictions: ReadRestrictions, used: UsedColumns, conjuncts: tuple[exp.Expr, ...], govern: Govern
) -> Stage:
    name = restrictions.table.name
    columns = used.of(name, restrictions.visible_columns)
    return Stage(name=name, columns=columns, select=govern(restrictions, columns, conjuncts))


def spellings(name: TableName, names: Names) -> list[tuple[str, str, str]]:
    """Return every spelling of a staged table's name: catalog, schema, table, empty where not written."""
    lake = names.lake.casefold()
    ways = [("", name.namespace, name.table), (lake, name.namespace, name.table)]
    if name.namespace == names.default_namespace:
        ways += [("", "", name.table), ("", lake, name.table)]
    return ways
