"""The fused way: one statement over the lake, for queries that are proven unable to throw or to tell.

An engine may evaluate a user's expression before a row filter has hidden a row, or once for each entry of a
dictionary that hidden rows share. So an expression may run where hidden rows are only if it cannot fail
there, for any value of its types, and has no effect. `prove.py` walks the query and types it; what it does
not know, it does not prove, and the query is staged instead. That is slower and never wrong.

Two places are wider, because the engine surely evaluates them, on rows that were let through: the arguments
of aggregates and the projection of the SELECT that is the whole query, or of what it draws to its end
(`sure.py`). There, arithmetic and casts that the engine knows can fail may stand. The engine's self-test
checks that assumption before anything is served. Elsewhere not even a constant may fail: a hidden cell beside
it could decide whether it is evaluated. So arithmetic is given room for every result that it can have
(`widen.py`). Where nothing is hidden, failing tells nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.rewrite.columns_used import UsedColumns
from lakeward.policies.rewrite.fuse.ask_engine import Bind, empty_relation, require_harmless_plan
from lakeward.policies.rewrite.fuse.fold_dates import fold_dates
from lakeward.policies.rewrite.fuse.kinds import NotProvenError
from lakeward.policies.rewrite.fuse.prove import Prover
from lakeward.policies.rewrite.fuse.sure import courses
from lakeward.policies.rewrite.resolve import TableReference
from lakeward.policies.rewrite.splice import copy_with_tables, splice

Govern = Callable[[ReadRestrictions, tuple[PinnedColumn, ...]], exp.Expr]


@dataclass(frozen=True, kw_only=True, slots=True)
class FusedPlan:
    """One statement over the lake; no table of the user's is left in it."""

    query: exp.Query


def fuse(
    tree: exp.Query,
    references: tuple[TableReference, ...],
    restrictions: Mapping[TableName, ReadRestrictions],
    used: UsedColumns,
    govern: Govern,
    bind: Bind,
) -> FusedPlan:
    """Prove an admitted query harmless to hidden rows and put the governed relations in its tables' places.

    Between the two the engine is asked, over relations that hold nothing, which casts it would put in.

    Raises:
        NotProvenError: It is not proven; its reason names the construct.
    """
    fused, copies = copy_with_tables(tree)
    fold_dates(fused)
    names = {id(copies[id(each.node)]): each.name for each in references}
    columns = {name: used.of(name, each.visible_columns) for name, each in restrictions.items()}
    tables = {key: columns[name] for key, name in names.items()}
    shows_all = all(restrictions[name].shows_all for name in names.values())
    prover = Prover(tables=tables, courses=courses(fused), may_rewrite=True, shows_all=shows_all)
    prover.prove(fused)
    places = [
        (splice(copies[id(each.node)], empty_relation(columns[each.name])), each.name) for each in references
    ]
    if not shows_all:
        require_harmless_plan(
            fused,
            bind,
            casts_may_fail=len(prover.risked_casts),
            calls_may_fail=len(prover.risked_calls),
            counted=prover.counted.values(),
        )
    for place, name in places:
        place.set("this", govern(restrictions[name], columns[name]))
    return FusedPlan(query=fused)


__all__ = ["FusedPlan", "NotProvenError", "fuse"]
