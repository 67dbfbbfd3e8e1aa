"""A row filter that can fail on a value hides the row that it fails on, instead of ending the statement.

Else one bad value in a hidden row would tell of itself: the statement would fail with it and not without it.
"""

from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.policies.rewrite.fuse.expressions import Place, prove_expression
from lakeward.policies.rewrite.fuse.kinds import NotProvenError, value_of
from lakeward.policies.rewrite.fuse.prove import Prover
from lakeward.policies.rewrite.fuse.scope import Relation, Scope


def contain_faults(predicate: exp.Expr, table: PinnedTable, alias: str) -> exp.Expr:
    """Return a bound row filter in which every conjunct that may fail gives NULL where it does.

    A conjunct with a subquery stays as it is: the engine has no TRY around one.
    """
    scope = Scope(
        ctes={}, relations=[Relation(alias, {c.name.casefold(): value_of(c.type) for c in table.columns})]
    )
    place = Place(Prover(tables={}), scope)
    parts = list(predicate.flatten()) if isinstance(predicate, exp.And) else [predicate]
    return exp.and_(*[_contained(each, place) for each in parts], copy=False)


def _contained(conjunct: exp.Expr, place: Place) -> exp.Expr:
    if conjunct.find(exp.Query) is not None:
        return conjunct
    try:
        prove_expression(conjunct.copy(), place)
    except NotProvenError:
        return exp.Try(this=conjunct)
    return conjunct
