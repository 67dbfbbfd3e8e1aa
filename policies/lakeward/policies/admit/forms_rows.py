"""Rows that are compared part by part: a part that is NULL leaves it open; the engine has an order for it."""

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError

_MOST_PARTS = 100
"""Each part is one level of what is written, and a key behind which a page begins has a few."""
_STRICT: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.GT: exp.GT, exp.GTE: exp.GT, exp.LT: exp.LT, exp.LTE: exp.LT,
}  # fmt: skip


def compared(node: exp.Expr) -> exp.Expr | None:
    """`(a, b) > (1, 2)` is `a > 1 OR (a = 1 AND b > 2)`: so a page begins behind the last key before it."""
    first, second = node.this.unnest(), node.expression.unnest()
    if not (isinstance(first, exp.Tuple) and isinstance(second, exp.Tuple)):
        return None
    pairs = list(zip(first.expressions, second.expressions, strict=False))
    if not pairs or len(first.expressions) != len(second.expressions) or node.find(exp.Query):
        return None
    if len(pairs) > _MOST_PARTS:
        raise NotAdmittedError(f"a comparison of rows of more than {_MOST_PARTS} parts")
    strict = _STRICT.get(type(node))
    if strict is None:
        tests = [_test(type(node), *pair) for pair in pairs]
        return exp.paren(exp.and_(*tests) if isinstance(node, exp.EQ) else exp.or_(*tests), copy=False)
    result = _test(type(node), *pairs[-1])
    for pair in reversed(pairs[:-1]):
        tied = exp.and_(_test(exp.EQ, *pair), result)
        result = exp.paren(exp.or_(_test(strict, *pair), tied), copy=False)
    return result


def _test(kind: type[exp.Expr], first: exp.Expr, second: exp.Expr) -> exp.Expr:
    return kind(this=first.copy(), expression=second.copy())
