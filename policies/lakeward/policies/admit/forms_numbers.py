"""Numbers: decimals that say no digits, lengths that are computed, spans of time made of numbers."""

from collections.abc import Callable

from sqlglot import exp

from lakeward.policies.admit.forms_text import as_text, is_text
from lakeward.policies.admit.templates import filled

_SPANS = {
    "year": ("to_years", "INTEGER"), "month": ("to_months", "INTEGER"), "week": ("to_weeks", "INTEGER"),
    "day": ("to_days", "INTEGER"), "hour": ("to_hours", "BIGINT"), "minute": ("to_minutes", "BIGINT"),
    "second": ("to_seconds", "DOUBLE"),
}  # fmt: skip
_PLURAL = {"mins": "minute", "secs": "second"}


def decimal_of(precision: int, scale: int) -> Callable[[exp.Expr], None]:
    """A decimal without digits, which the engine gives three behind the point, gets those of the dialect.

    PostgreSQL's keeps every digit. Of 38 that the engine has, nine behind the point leave room for products.
    """

    def form(node: exp.Expr) -> None:
        if node.this is exp.DType.DECIMAL and not node.expressions:
            digits = [exp.DataTypeParam(this=exp.Literal.number(each)) for each in (precision, scale)]
            node.set("expressions", digits)

    return form


def padded(node: exp.Expr) -> None:
    """`lpad(x, greatest(length(x), 8), '0')`: the engine wants a length that is an INTEGER."""
    length = node.expression
    if not isinstance(length, exp.Literal):
        node.set("expression", exp.cast(length.copy(), "int"))


def padded_number(node: exp.Expr) -> None:
    """`lpad(month(x), 2, '0')`: in Spark what is padded becomes text by itself."""
    if not is_text(node.this):
        cast = exp.cast(node.this.copy(), "text")
        node.set("this", as_text("spark")(cast) or cast)


def interval_of_parts(node: exp.Expr) -> exp.Expr | None:
    """`make_interval(days => n)` and `make_interval(0, 0, 0, n)`."""
    total: exp.Expr | None = None
    for name, given in node.args.items():
        if not isinstance(given, exp.Expr):
            continue
        unit, value = name, given
        if isinstance(given, exp.Kwarg | exp.PropertyEQ):
            word = given.this.name.lower()
            unit, value = _PLURAL.get(word, word.removesuffix("s")), given.expression
        if unit not in _SPANS:
            return None
        function, kind = _SPANS[unit]
        part = filled(f"{function}(CAST(_x AS {kind}))", _x=value)
        total = part if total is None else exp.Add(this=total, expression=part)
    return filled("to_days(0)") if total is None else exp.Paren(this=total)


def plain_quantile(node: exp.Expr) -> None:
    """`approx_percentile(x, CAST(0.5 AS DOUBLE))`: the engine wants the number itself."""
    wanted = node.args.get("quantile")
    if not isinstance(wanted, exp.Expr):
        return
    for each in [wanted, *wanted.expressions]:
        if isinstance(each, exp.Cast) and isinstance(each.this, exp.Literal) and not each.this.is_string:
            each.replace(each.this.copy())


_WHOLE = (
    "CASE WHEN typeof(_x // _y) IN ('DOUBLE', 'FLOAT') "
    "THEN CAST(round((_x - _x % _y) / _y) AS BIGINT) ELSE _x // _y END"
)


def whole_quotient(node: exp.Expr) -> exp.Expr | None:
    """`cost div 10` cuts off what is behind the point; the engine's `//` does of whole numbers alone."""
    if node.this.is_int and node.expression.is_int:
        return None
    return filled(_WHOLE, _x=node.this, _y=node.expression)


_SINGLE = 24
"""Binary digits of a FLOAT, as SQL counts them."""


def float_of(node: exp.Expr) -> None:
    """`CAST(x AS float(53))`, as Hibernate writes a double."""
    if node.this is exp.DType.DOUBLE and node.expressions:
        is_single = int(node.expressions[0].name) <= _SINGLE
        node.set("this", exp.DType.FLOAT if is_single else exp.DType.DOUBLE)
        node.set("expressions", [])
