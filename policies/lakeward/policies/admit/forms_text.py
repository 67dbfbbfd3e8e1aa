r"""Texts: the backslash that LIKE escapes with, and numbers as each dialect writes them."""

from collections.abc import Callable

from sqlglot import exp

from lakeward.policies.admit.templates import computed_once, filled

_TEXT = frozenset({"TEXT", "VARCHAR", "CHAR", "NCHAR", "NVARCHAR", "BPCHAR"})
_DOUBLE = "TRY_CAST(_x AS DOUBLE)"
_DIGITS = "rtrim(ltrim(regexp_replace(CAST(_x AS TEXT), 'e.*$|[^0-9]', '', 'g'), '0'), '0')"


def _in_tens(least: int) -> str:
    """A number of one digit before its point and at least so many behind, times a power of ten."""
    return f"format('{{:.{{}}e}}', {_DOUBLE}, greatest(len({_DIGITS}) - 1, {least}))"


_JAVAS = rf"regexp_replace({_in_tens(1)}, 'e\+?(-?)0*([0-9]+)$', 'E\1\2')"
_AS_WRITTEN = {
    "postgres": rf"WHEN abs({_DOUBLE}) >= 1e15 AND abs({_DOUBLE}) < 1e16 THEN {_in_tens(0)} "
    r"ELSE regexp_replace(CAST(_x AS TEXT), '\.0$', '')",
    "spark": f"WHEN {_DOUBLE} <> 0 AND NOT (abs({_DOUBLE}) >= 1e-3 AND abs({_DOUBLE}) < 1e7) THEN {_JAVAS} "
    "ELSE CAST(_x AS TEXT)",
    "trino": f"WHEN {_DOUBLE} IS NOT NULL THEN {_JAVAS}",
}
"""How each dialect writes a double that is a number: 119, 119.0 or 1.19E2."""


def escaped(node: exp.Expr) -> exp.Expr | None:
    r"""`x LIKE 'a\_b'` escapes with a backslash; the engine has no such character unless told."""
    pattern = node.expression
    if isinstance(node.parent, exp.Escape) or not isinstance(pattern, exp.Literal):
        return None
    if "\\" not in pattern.name:
        return None
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def as_text(dialect: str) -> Callable[[exp.Expr], exp.Expr | None]:
    """A cast to text writes a double as the dialect does, and cuts it to the length of the type."""
    number = (
        "CASE WHEN typeof(_x) IN ('DOUBLE', 'FLOAT') THEN "
        f"CASE WHEN isnan({_DOUBLE}) THEN 'NaN' WHEN isinf({_DOUBLE}) THEN CASE WHEN {_DOUBLE} > 0 "
        f"THEN 'Infinity' ELSE '-Infinity' END {_AS_WRITTEN[dialect]} END ELSE CAST(_x AS TEXT) END"
    )

    def form(node: exp.Expr) -> exp.Expr | None:
        to, value = node.args["to"], node.this
        if not (isinstance(to.this, exp.DType) and to.this.name in _TEXT):
            return None
        length = _length(to) if dialect != "spark" else None
        is_plain = isinstance(value.unnest(), exp.Literal | exp.Null)
        if is_plain and length is None:
            return None
        written = exp.cast(value.copy(), "text") if is_plain else computed_once(number, value)
        return written if length is None else _of_length(written, length, to.this.name)

    return form


def _length(to: exp.Expr) -> exp.Expr | None:
    for each in to.expressions:
        return exp.Literal.number(each.name)
    return exp.Literal.number(1) if to.this.name == "CHAR" else None


def _of_length(written: exp.Expr, length: exp.Expr, kind: str) -> exp.Expr:
    function = "rpad(_x, _length, ' ')" if kind in {"CHAR", "NCHAR", "BPCHAR"} else "left(_x, _length)"
    return filled(function, _x=written, _length=length)


def string(node: exp.Expr) -> exp.Expr | None:
    """`string(x)` is a cast."""
    cast = exp.cast(node.this.copy(), "text")
    return as_text("spark")(cast) or cast
