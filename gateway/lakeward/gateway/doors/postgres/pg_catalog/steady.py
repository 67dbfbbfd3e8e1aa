"""Catalog queries whose every value is about as long as a cell or a literal: they may run in this process.

One list names what such a query is made of. Whatever makes texts or lists longer than what it is given is not
on it: one call of `repeat` fills all memory before the engine looks at its limit.
"""

from typing import Final

from sqlglot import exp

from lakeward.gateway.doors.postgres.pg_catalog.macros import PREFIX, STEADY

_LONGEST: Final = 20_000
"""Characters; a literal is put down again for each row."""
_NODES: Final = frozenset({
    exp.Select, exp.From, exp.Join, exp.Where, exp.Table, exp.TableAlias, exp.Column, exp.Identifier,
    exp.Alias, exp.Star, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Cast, exp.TryCast, exp.DataType,
    exp.DataTypeParam, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is,
    exp.In, exp.Between, exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpILike, exp.Add, exp.Sub, exp.Mul,
    exp.Div, exp.Mod, exp.Neg, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Exists, exp.Subquery,
    exp.Count, exp.Min, exp.Max, exp.Sum, exp.Lower, exp.Upper, exp.Substring, exp.Order, exp.Ordered,
    exp.Group, exp.Having, exp.Limit, exp.Offset, exp.Distinct, exp.Union, exp.Anonymous, exp.Tuple,
    exp.With, exp.CTE,
})  # fmt: skip


def is_steady(query: exp.Query, text: str) -> bool:
    """Whether no value of a query over our relations can be much longer than what it is made of."""
    return len(text) <= _LONGEST and all(_is_steady(each) for each in query.walk())


def _is_steady(node: exp.Expr) -> bool:
    if type(node) not in _NODES:
        return False
    if isinstance(node, exp.Anonymous):
        return str(node.this).removeprefix(PREFIX) in STEADY
    if isinstance(node, exp.Min | exp.Max):
        return not any(value for key, value in node.args.items() if key != "this")  # of so many: a list
    return not (isinstance(node, exp.With) and node.args.get("recursive"))
