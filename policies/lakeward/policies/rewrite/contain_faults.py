"""A row filter that can fail on a value hides the row that it fails on, instead of ending the statement.

Else one bad value in a hidden row would tell of itself: the statement would fail with it and not without it.
"""

from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.policies.rewrite.fuse.kinds import NotProvenError, value_of
from lakeward.policies.rewrite.fuse.prove import Prover
from lakeward.policies.rewrite.fuse.scope import Relation


def contain_faults(predicate: exp.Expr, table: PinnedTable, alias: str) -> exp.Expr:
    """Return a bound row filter in which every conjunct that may fail gives NULL where it does.

    A conjunct with a subquery stays as it is: the engine has no TRY around one.
    """
    raw = Relation(alias, {each.name.casefold(): value_of(each.type) for each in table.columns})
    parts = list(predicate.flatten()) if isinstance(predicate, exp.And) else [predicate]
    return exp.and_(*[_contained(each, raw) for each in parts], copy=False)


def _contained(conjunct: exp.Expr, raw: Relation) -> exp.Expr:
    if conjunct.find(exp.Query) is not None:
        return conjunct
    try:
        Prover(tables={}).prove_condition(conjunct.copy(), raw)
    except NotProvenError:
        return exp.Try(this=conjunct)
    return conjunct
