r"""Texts: the backslash that LIKE escapes with, and numbers as each dialect writes them."""

import re
from collections.abc import Callable

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.literals import is_null
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
        is_plain = isinstance(value.unnest(), exp.Literal) or is_null(value)
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


_TEXTS = (
    exp.Literal, exp.Upper, exp.Lower, exp.Trim, exp.Concat, exp.ConcatWs, exp.DPipe, exp.Substring, exp.Pad,
    exp.Replace, exp.Left, exp.Right, exp.SplitPart, exp.Initcap, exp.TimeToStr, exp.GroupConcat, exp.Null,
)  # fmt: skip


def is_text(node: exp.Expr) -> bool:
    """Whether a tree is text by how it is written."""
    inner = node.unnest()
    return isinstance(inner, _TEXTS) or (
        isinstance(inner, exp.Cast) and inner.is_type(*exp.DataType.TEXT_TYPES)
    )


def _shows_text(node: exp.Expr) -> bool:
    """Whether it is text, and no element that joins a list."""
    inner = node.unnest()
    if isinstance(inner, exp.DPipe):
        return _shows_text(inner.this) or _shows_text(inner.expression)
    return isinstance(inner, exp.Literal) and inner.is_string


def _written(node: exp.Expr) -> exp.Expr:
    is_plain = is_text(node) or isinstance(node.unnest(), exp.Array | exp.ArrayAgg)
    return node if is_plain else as_text("postgres")(exp.cast(node.copy(), "text")) or node


def joined_to(node: exp.Expr) -> None:
    """`'v=' || value` writes a double as a cast to text does."""
    first, second = node.this, node.expression
    if _shows_text(first) or _shows_text(second):
        node.set("this", _written(first))
        node.set("expression", _written(second))


def joined(node: exp.Expr) -> None:
    """`concat('v=', value)` too."""
    node.set("expressions", [_written(each) for each in node.expressions])


_PART = re.compile(r"%(?P<flags>[-+0,]*)(?P<width>\d*)(?P<digits>\.\d+)?(?P<kind>[sdf%])")


def grouped_digits(node: exp.Expr) -> exp.Expr | None:
    """`format('%,.2f', x)`: digits in groups, which the engine's `printf` lacks and its `format` has."""
    template = node.this
    parts = list(_PART.finditer(template.name)) if isinstance(template, exp.Literal) else []
    if not any("," in each["flags"] for each in parts):
        return None
    if len([each for each in parts if each["kind"] != "%"]) != len(node.expressions):
        raise NotAdmittedError("a format with other parts than there are values")
    braced = _PART.sub(_braced, template.name.replace("{", "{{").replace("}", "}}"))
    values = [each.copy() for each in node.expressions]
    kinds = [each["kind"] for each in parts if each["kind"] != "%"]
    given = [
        exp.cast(each, "double") if kind == "f" else each for each, kind in zip(values, kinds, strict=True)
    ]
    return exp.Anonymous(this="format", expressions=[exp.Literal.string(braced), *given])


def _braced(part: re.Match[str]) -> str:
    if part["kind"] == "%":
        return "%"
    flags, width = part["flags"], part["width"]
    align = "<" if "-" in flags else ">" if width and "0" not in flags else ""
    if part["kind"] == "s":
        return f"{{:{align}{width}}}"
    sign, zero, groups = (
        ("+" if "+" in flags else ""),
        ("0" if "0" in flags else ""),
        ("," if "," in flags else ""),
    )
    digits = (part["digits"] or ".6") if part["kind"] == "f" else ""
    return f"{{:{align}{sign}{zero}{width}{groups}{digits}{part['kind']}}}"
