"""`type: sql`: a contract's own aggregate, admitted node by node and folded into the one pass over the table.

What is admitted: one `SELECT aggregate FROM {object} [WHERE condition]`, over the columns of that one
table. Its WHERE becomes the FILTER of each aggregate, so it costs no pass of its own and can reach no other
table. Only counts leave the engine: an aggregate that can be a cell (`min`, `max`, `sum`, `avg`) is
compared with its bound inside, and so is what is calculated from counts where the contract says `kAnonymity`.
"""

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakeward.contracts.document import Node
from lakeward.contracts.predicates import TABLE, broken, column
from lakeward.contracts.rules import NONE_BAD, Rule, Status, bound_of
from lakeward.contracts.scope import Scope, Target

_OBJECT = re.compile(r"\$?\{(object|table|schema|model)\}")
_PROPERTY = re.compile(r"\$?\{(property|column|field)\}")
_COUNTS = (exp.Count, exp.CountIf)
_AGGREGATES = (*_COUNTS, exp.Sum, exp.Avg, exp.Min, exp.Max)
_CLAUSES = frozenset({"expressions", "from_", "where"})
_ADMITTED = frozenset(
    {
        exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Star, exp.Paren, exp.Distinct,
        exp.Filter,
        exp.Where, exp.Alias, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE,
        exp.Is,
        exp.In, exp.Between, exp.Like, exp.RegexpLike, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg,
        exp.Abs,
        exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam,
        exp.Length, exp.Lower, exp.Upper, exp.Trim, exp.NullSafeEQ, exp.NullSafeNEQ, *_AGGREGATES,
    }
)  # fmt: skip
NO_BOUND = "The clause compares with no number, or its numbers are in the wrong order."
_FORM = "Only `SELECT aggregate FROM {object} [WHERE condition]` is run, with plain operators."


class _RefusedError(Exception):
    """A query that is not of the admitted form; its one argument says why, and holds nothing of the query."""


def sql_rule(scope: Scope, target: Target | None, node: Node, rule: Rule) -> Rule:
    """Make the rule of one SQL clause; what is not admitted is an error, which is never a pass."""
    bound = bound_of(node.raw)
    if bound is None:
        return rule.settle(Status.ERROR, NO_BOUND)
    try:
        measure = _measure(scope, _with_names(str(node.raw.get("query", "")), target))
    except _RefusedError as refusal:
        return rule.settle(Status.ERROR, str(refusal))
    if _may_be_a_cell(scope, measure):
        return rule.counted(broken(measure, bound), NONE_BAD)
    return rule.counted(measure, bound)


def _may_be_a_cell(scope: Scope, measure: exp.Expr) -> bool:
    """Say whether the number stays in the engine; where counts have a least, what is made of several does.

    A thousand times a count of one is no longer small, and counts of bits add up to a cell.
    """
    if any(measure.find(each) for each in set(_AGGREGATES) - set(_COUNTS)):
        return True
    is_count = isinstance(measure.unnest(), (*_COUNTS, exp.Filter))
    return scope.contract.minimum_group is not None and not is_count


def _with_names(query: str, target: Target | None) -> str:
    query = _OBJECT.sub(TABLE, query)
    if target is None:
        return query
    return _PROPERTY.sub(lambda _: target.value.sql("duckdb"), query)


def _measure(scope: Scope, query: str) -> exp.Expr:
    select = _parsed(query)
    projection = select.expressions[0].unalias()
    condition = select.args.get("where")
    alias = _alias(scope, select)
    for tree in filter(None, (projection, condition)):
        _admit(tree)
    aggregates = list(projection.find_all(*_AGGREGATES))
    if any(each.find_ancestor(*_AGGREGATES) for each in aggregates) or (
        condition and condition.find(*_AGGREGATES)
    ):
        raise _RefusedError(_FORM)
    _refuse_bare_columns(projection)
    holder = exp.Paren(this=projection)
    if condition:
        for each in aggregates:
            _filter(each, condition.this)
    _bind(scope, holder, alias)
    _guard_casts(holder)
    return holder.this if isinstance(holder.this, exp.Count | exp.Filter) else holder


def _parsed(query: str) -> exp.Select:
    try:
        statements = sqlglot.parse(query, dialect="duckdb")
    except (SqlglotError, RecursionError):
        raise _RefusedError("The query does not parse.") from None
    select = statements[0] if len(statements) == 1 else None
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        raise _RefusedError(_FORM)
    if {key for key, held in select.args.items() if held} - _CLAUSES:
        raise _RefusedError(_FORM)
    return select


def _alias(scope: Scope, select: exp.Select) -> frozenset[str]:
    source = select.args.get("from_")
    table = source.this if source else None
    own = {TABLE, scope.table.name.table, str(scope.table.name)}
    own |= {str(scope.object.raw.get("name", "")).casefold(), scope.object.physical_name.casefold()}
    if not isinstance(table, exp.Table) or {k for k, held in table.args.items() if held} - {
        "this",
        "db",
        "alias",
    }:
        raise _RefusedError(_FORM)
    name = ".".join(part.name for part in table.parts).casefold()
    if name not in own:
        raise _RefusedError("The query reads another table than the contract's.")
    return frozenset({table.alias_or_name.casefold()})


def _admit(tree: exp.Expr) -> None:
    for node in tree.walk():
        if type(node) not in _ADMITTED or (isinstance(node, exp.In) and node.args.get("query")):
            raise _RefusedError(_FORM)


def _refuse_bare_columns(projection: exp.Expr) -> None:
    if not projection.find(*_AGGREGATES):
        raise _RefusedError(_FORM)
    for each in projection.find_all(exp.Column):
        if not each.find_ancestor(*_AGGREGATES, exp.Filter):
            raise _RefusedError(_FORM)


def _filter(aggregate: exp.Expr, condition: exp.Expr) -> None:
    held = aggregate.parent
    if isinstance(held, exp.Filter):
        where = held.expression
        where.set("this", exp.and_(where.this, condition.copy(), copy=False))
    else:
        aggregate.replace(exp.Filter(this=aggregate.copy(), expression=exp.Where(this=condition.copy())))


def _bind(scope: Scope, tree: exp.Expr, alias: frozenset[str]) -> None:
    """Put the table's own columns in place of the query's names; a name that is none of them is refused."""
    for each in list(tree.find_all(exp.Column)):
        held = scope.table.column(each.name)
        if held is None or (each.table and each.table.casefold() not in alias) or each.args.get("db"):
            raise _RefusedError("The query names something that is no column of the table.")
        each.replace(column((held.name,)))


def _guard_casts(tree: exp.Expr) -> None:
    """Turn CAST into TRY_CAST: a value that cannot be cast is unknown, and no error text may quote it."""
    for each in list(tree.find_all(exp.Cast)):
        if type(each) is exp.Cast:
            each.replace(exp.TryCast(this=each.this.copy(), to=each.args["to"].copy()))
