"""Expressions that cannot run before the row filters have: they wait for results of aggregates or windows.

An engine moves a condition below an aggregation when it names nothing but grouping columns, and into a join
as soon as it has what it names. What names results of aggregates or windows has to wait for them, and they
are made of visible rows. That is enough only where nothing else decides which rows it meets: a constant waits
for nothing, a cell beside such a result may decide what runs, and a table of raw rows that is joined may too.
"""

from sqlglot import exp

from lakeward.policies.rewrite.fuse.scope import Scope

_RESULTS = (exp.AggFunc, exp.Window)
_CONDITIONS = (exp.Where, exp.Having, exp.Qualify)
_CLAUSES = (exp.Query, *_CONDITIONS, exp.Join, exp.Order, exp.Group, exp.Distinct)


def in_settled_condition(node: exp.Expr, scope: Scope) -> bool:
    """Whether `node` stands in a condition on rows, not of a join, and the conjunct around it is settled."""
    path = [node]
    while path[-1].parent is not None and not isinstance(path[-1].parent, _CLAUSES):
        path.append(path[-1].parent)
        if isinstance(path[-1], _RESULTS):
            return False
    clause = path[-1].parent
    if not isinstance(clause, _CONDITIONS):
        return False
    while len(path) > 1 and isinstance(path[-1], exp.And | exp.Paren):
        path.pop()
    return is_settled(path[-1], scope)


def is_settled(node: exp.Expr, scope: Scope) -> bool:
    """Whether an expression is made of results of aggregates and windows, at least one, and of constants."""
    columns, has_result = [], False
    for part in node.walk(prune=lambda each: isinstance(each, _RESULTS)):
        if isinstance(part, exp.Query | exp.Star):
            return False
        has_result = has_result or isinstance(part, _RESULTS)
        if isinstance(part, exp.Column):
            columns.append(part)
    if columns and not (_has_settled_rows(node, scope) and all(_is_settled(each, scope) for each in columns)):
        return False
    return scope.outer is None and (has_result or bool(columns))


def _has_settled_rows(node: exp.Expr, scope: Scope) -> bool:
    """Whether an aggregation or a window made every row that a SELECT reads, and no other table picks any."""
    select = node.find_ancestor(exp.Select)
    if select is None or any(join.args.get("kind") in {"SEMI", "ANTI"} for join in select.find_all(exp.Join)):
        return False
    where = select.args.get("where")
    if where is not None and where.find(exp.Query) is not None:
        return False
    return all(any(each.settled for each in relation.columns.values()) for relation in scope.relations)


def _is_settled(column: exp.Column, scope: Scope) -> bool:
    """Whether a name can only mean a settled column."""
    name, table = column.name.casefold(), column.table.casefold()
    found = [
        each.columns[name]
        for each in scope.relations
        if name in each.columns and table in {"", each.alias}
    ]  # fmt: skip
    if not table and name in scope.aliases:
        found.append(scope.aliases[name])
    return len(column.parts) <= 2 and bool(found) and all(each.settled for each in found)  # noqa: PLR2004
