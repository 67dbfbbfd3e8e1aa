"""A wider type for an operand, where nobody sees the type of what is made of it.

`price * (1 - discount)` of decimals overflows in the engine when the product needs more than 18 digits,
though 38 would hold it. Where it goes into a sum, which is as wide as can be anyway, or into a comparison,
the operands can as well be wide from the start: then it cannot fail.
"""

from sqlglot import exp

_PASSED = (exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Case, exp.Coalesce)
_ENDS = (exp.Sum, exp.Avg, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)


def is_free(node: exp.Expr) -> bool:
    """Whether the type of a number goes into a sum, a mean or a comparison of numbers, and no further."""
    child, parent = node, node.parent
    while isinstance(parent, _PASSED) or (isinstance(parent, exp.If) and child.arg_key == "true"):
        if isinstance(parent, exp.Case) and child.arg_key == "this":
            return False
        child, parent = parent, parent.parent
    return isinstance(parent, _ENDS)


def widen(node: exp.Expr, type_: str, *sizes: int) -> None:
    """Cast the first operand, in place; its value stays the same."""
    size = [exp.DataTypeParam(this=exp.Literal.number(each)) for each in sizes]
    to = exp.DataType(this=exp.DType[type_], expressions=size, nested=False)
    node.set("this", exp.Cast(this=node.this, to=to))
