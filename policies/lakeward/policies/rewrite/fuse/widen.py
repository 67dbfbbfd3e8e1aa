"""A wider type for an operand, where nobody sees the type of what is made of it.

`price * (1 - discount)` of decimals overflows in the engine when the product needs more than 18 digits,
though 38 would hold it. Where it goes into a sum, which is as wide as can be anyway, or into a comparison,
the operands can as well be wide from the start: then it cannot fail.
"""

from sqlglot import exp

_PASSED = (exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Case, exp.Coalesce)
_ENDS = (exp.Sum, exp.Avg, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
_CHOICES = (exp.ArgMax, exp.ArgMin)
"""What they choose by comes into no answer."""


def is_free(node: exp.Expr) -> bool:
    """Whether the type of a number goes into a sum, a mean or a comparison of numbers, and no further."""
    end = _end_of(node)
    return isinstance(end.parent, _ENDS) or (isinstance(end.parent, _CHOICES) and end.arg_key == "expression")


def is_passed_on(node: exp.Expr) -> bool:
    """Whether the type of a number goes into a column of a SELECT, and no further there."""
    end = _end_of(node)
    if isinstance(end.parent, exp.Alias):
        end = end.parent
    return isinstance(end.parent, exp.Select) and end.arg_key == "expressions"


def _end_of(node: exp.Expr) -> exp.Expr:
    """Follow a number to the last of what is made of it by nothing but the arithmetic of numbers."""
    parent = node.parent
    while isinstance(parent, _PASSED) or (isinstance(parent, exp.If) and node.arg_key == "true"):
        if isinstance(parent, exp.Case) and node.arg_key == "this":
            return node
        node, parent = parent, parent.parent
    return node


def is_divided(node: exp.Expr) -> bool:
    """Whether a decimal is divided by another, or by a number in the text, and so is made a double.

    Beside a single it would be made one, which not every decimal of one value is in the same way.
    """
    child, parent = node, node.parent
    while isinstance(parent, exp.Paren):
        child, parent = parent, parent.parent
    if not isinstance(parent, exp.Div) or parent.args.get("typed"):
        return False
    other = (parent.expression if child.arg_key == "this" else parent.this).unnest()
    is_decimal = type(other) is exp.Cast and other.to.this is exp.DType.DECIMAL
    return is_decimal or (isinstance(other, exp.Literal) and other.name.isdecimal())


def widen(node: exp.Expr, type_: str, *sizes: int) -> None:
    """Cast the first operand, in place; its value stays the same."""
    node.set("this", exp.Cast(this=node.this, to=_type(type_, *sizes)))


def widen_cast(node: exp.Expr, *sizes: int) -> None:
    """Cast to another DECIMAL, in place."""
    node.set("to", _type("DECIMAL", *sizes))


def _type(name: str, *sizes: int) -> exp.Expr:
    size = [exp.DataTypeParam(this=exp.Literal.number(each)) for each in sizes]
    return exp.DataType(this=exp.DType[name], expressions=size, nested=False)
