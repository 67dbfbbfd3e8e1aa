"""The engine's own word on a query that the rules have proven, before any of it runs where hidden rows are.

The query is bound over relations that hold nothing, and its plan is looked through: no cast that could fail,
no call that is not listed with its types, no part that nobody has thought about.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlglot import exp

from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn
from lakeward.catalog.types import DataType
from lakeward.policies.admit.engine_size import is_too_large_to_bind
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.rewrite.duckdb_types import duckdb_type
from lakeward.policies.rewrite.fuse.bound_calls import doubtful_calls, unknown_parts
from lakeward.policies.rewrite.fuse.bound_casts import doubtful_casts
from lakeward.policies.rewrite.fuse.bound_plan import Cast, read_plan
from lakeward.policies.rewrite.fuse.kinds import NotProvenError
from lakeward.policies.rewrite.resolve import TableReference
from lakeward.policies.rewrite.splice import copy_with_tables, splice

Bind = Callable[[str], str]
"""A text, to the plan that the engine binds for it, not yet optimised, as JSON."""


def require_harmless_plan(
    query: exp.Query,
    bind: Bind,
    *,
    casts_may_fail: int = 0,
    calls_may_fail: int = 0,
    counted: Iterable[Cast] = (),
) -> None:
    """Require that nothing which the engine makes of a query could fail on any cell.

    Args:
        query: A query whose tables are `empty_relation`s.
        bind: Asks the engine.
        casts_may_fail: How many casts that are written in it may, since that tells nothing there.
        calls_may_fail: How many of what else is written in it.
        counted: Casts that are written in it and cannot, since the digits were counted of what they are of.

    Raises:
        NotProvenError: More could, or the engine does not bind the query.
    """
    if is_too_large_to_bind(query):
        raise NotProvenError("forms inside one another that are too large in the engine's words")
    text = query.sql("duckdb", identify=True, comments=False)  # of a copy: to write changes some forms
    plan = read_plan(bind(text))
    casts, calls = [*doubtful_casts(plan, counted)], [*doubtful_calls(plan)]
    for doubtful, may_fail in ((casts, casts_may_fail), (calls, calls_may_fail)):
        if len(doubtful) > may_fail:
            raise NotProvenError(f"what the engine makes of it, such as {doubtful[0]}")
    if unknown := unknown_parts(plan):
        raise NotProvenError(f"a part of the engine's plan, {min(unknown)}")


def over_empty_relations(
    tree: exp.Query,
    references: Iterable[TableReference],
    restrictions: Mapping[TableName, ReadRestrictions],
) -> str:
    """Return the text of a query over relations that hold nothing and have the columns that it may see."""
    copied, copies = copy_with_tables(tree)
    for each in references:
        splice(copies[id(each.node)], empty_relation(restrictions[each.name].visible_columns))
    return copied.sql("duckdb", copy=False, identify=True, comments=False)


def empty_relation(columns: Sequence[PinnedColumn]) -> exp.Expr:
    """Return a relation of one row without a value, whose columns have the names and types of a table's."""
    return exp.Var(this=_empty(tuple((each.name, each.type) for each in columns)))


@functools.lru_cache(maxsize=1_000)
def _empty(columns: tuple[tuple[str, DataType], ...]) -> str:
    values = [
        exp.alias_(exp.cast(exp.null(), duckdb_type(type_)), name, quoted=True, copy=False)
        for name, type_ in columns
    ]
    return exp.select(*values).sql("duckdb", copy=False, identify=True)
