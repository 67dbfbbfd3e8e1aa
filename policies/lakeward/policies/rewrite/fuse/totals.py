"""Sums of sums: no more than the sum over all of their rows, so that no digits need be added for it.

Of `SELECT sum(s) FROM (SELECT sum(x) AS s FROM t GROUP BY k)` each row of `t` is in one group, and each group
is one row. That ends where a row can come twice: in a join, a set operation, a group of several sets.
"""

from sqlglot import exp

from lakeward.policies.rewrite.fuse.kinds import Value
from lakeward.policies.rewrite.fuse.scope import Scope

_SETS = (exp.Cube, exp.Rollup, exp.GroupingSets)
_ONE_SET = frozenset({"expressions", "all"})


def is_total(node: exp.Expr) -> bool:
    """Whether a projection is the sum over a group of rows, each of which is in one group."""
    select = node.find_ancestor(exp.Select)
    if not isinstance(node, exp.Sum) or select is None or select.find(exp.Explode):
        return False
    return _has_one_set(select.args.get("group"))


def _has_one_set(group: exp.Expr | None) -> bool:
    if group is None:
        return True
    is_plain = {key for key, value in group.args.items() if value} <= _ONE_SET
    return is_plain and not any(isinstance(each, _SETS) for each in group.expressions)


def adds_totals(node: exp.Expr, value: Value, scope: Scope) -> bool:
    """Whether an aggregate adds up such sums, each once."""
    return value.total and isinstance(node.this, exp.Column) and len(scope.relations) == 1
