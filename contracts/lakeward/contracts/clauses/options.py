"""The options of a logical type, each as the predicate of a good value.

An option function gives the predicate, or a text that says why the option cannot be run on this column.
"""

from collections.abc import Callable, Iterable, Mapping

from sqlglot import exp

from lakeward.catalog.types import ListType, PrimitiveType
from lakeward.contracts.literals import double, literal
from lakeward.contracts.predicates import among
from lakeward.contracts.scope import Target, is_primitive

_UNFIT = "The value in the contract does not fit the column's type."
_FLOATING = frozenset({"float", "double"})
_READ_AS: Mapping[str, tuple[str, PrimitiveType]] = {
    "integer": ("BIGINT", PrimitiveType("long")),
    "number": ("DOUBLE", PrimitiveType("double")),
    "date": ("DATE", PrimitiveType("date")),
    "timestamp": ("TIMESTAMP", PrimitiveType("timestamp")),
    "time": ("TIME", PrimitiveType("time")),
}
_FORMATS: Mapping[str, str] = {
    "email": r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
    "ipv4": r"^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\.|$)){4}$",
    "uuid": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
}
_WIDTHS: Mapping[str, int] = {"8": 8, "16": 16, "32": 32, "64": 64, "128": 128}


def comparable(target: Target) -> tuple[exp.Expr, PrimitiveType] | None:
    """Give a column as what its logical type says; a text column is read as that type, where it can be."""
    if not isinstance(target.type, PrimitiveType):
        return None
    read_as = _READ_AS.get(target.prop.text("logicalType") or "")
    if target.type.name == "string" and read_as:
        name, type_ = read_as
        return exp.TryCast(this=target.value, to=exp.DataType.build(name, dialect="duckdb")), type_
    return target.value, target.type


def is_one_of(target: Target, listed: Iterable[object]) -> exp.Expr:
    """Say that the column's value is in a list; a value that its type cannot hold is in none of its rows."""
    type_ = target.type
    literals = [literal(each, type_) for each in listed] if isinstance(type_, PrimitiveType) else []
    return among(_wide(target.value, target), [each for each in literals if each is not None])


def _wide(value: exp.Expr, target: Target) -> exp.Expr:
    """Give a float as a double: it is compared with the contract's number, not with that number rounded."""
    if not is_primitive(target.type, "float"):
        return value
    return exp.cast(value, "DOUBLE", dialect="duckdb")


def _compared(operator: type[exp.Binary]) -> "Option":
    def option(target: Target, value: object) -> exp.Expr | str:
        pair = comparable(target)
        other = literal(value, pair[1]) if pair else None
        if pair is None or other is None:
            return _UNFIT
        good: exp.Expr = operator(this=_wide(pair[0], target), expression=other)
        if pair[1].name not in _FLOATING:
            return good
        return exp.and_(
            exp.Not(this=exp.IsNan(this=pair[0].copy())), good, copy=False
        )  # the engine's NaN is large

    return option


def _sized(operator: type[exp.Binary]) -> "Option":
    def option(target: Target, value: object) -> exp.Expr | str:
        if not isinstance(value, int) or isinstance(value, bool):
            return _UNFIT
        if isinstance(target.type, ListType):
            size: exp.Expr = exp.func("len", target.value, dialect="duckdb")
        elif is_primitive(target.type, "string"):
            size = exp.Length(this=target.value)
        else:
            return "Only a text or a list has a length."
        return operator(this=size, expression=exp.Literal.number(value))

    return option


def _pattern(target: Target, value: object) -> exp.Expr | str:
    if not is_primitive(target.type, "string"):
        return "Only a text can match a pattern."
    return matches(target.value, str(value))


def matches(value: exp.Expr, pattern: str) -> exp.Expr:
    """Say that a text holds a match of the pattern (RE2; unanchored, as in ECMA-262)."""
    return exp.RegexpLike(this=value.copy(), expression=exp.Literal.string(pattern))


def _multiple_of(target: Target, value: object) -> exp.Expr | str:
    pair = comparable(target)
    step = literal(value, pair[1]) if pair else None
    if pair is None or step is None:
        return _UNFIT
    if pair[1].name in _FLOATING:
        ratio = exp.Div(this=_wide(pair[0], target), expression=step)
        off = exp.Abs(this=exp.Sub(this=ratio, expression=exp.Round(this=ratio.copy())))
        return exp.LTE(this=off, expression=double(1e-9))  # 0.3 is a multiple of 0.1
    return exp.EQ(this=exp.Mod(this=pair[0], expression=step), expression=exp.Literal.number(0))


def _format(target: Target, value: object) -> exp.Expr | str:
    if is_primitive(target.type, "string") and value in _FORMATS:
        return matches(target.value, _FORMATS[str(value)])
    bits = _WIDTHS.get(str(value)[1:])
    pair = comparable(target)
    if bits is None or pair is None or pair[1].name not in {"int", "long"}:
        return _UNFIT
    low, high = (0, 2**bits) if str(value)[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    ends = (literal(low, pair[1]), literal(high - 1, pair[1]))
    return exp.Between(this=pair[0], low=ends[0], high=ends[1])


Option = Callable[[Target, object], exp.Expr | str]
OPTIONS: Mapping[str, Option] = {
    "minimum": _compared(exp.GTE),
    "maximum": _compared(exp.LTE),
    "exclusiveMinimum": _compared(exp.GT),
    "exclusiveMaximum": _compared(exp.LT),
    "multipleOf": _multiple_of,
    "minLength": _sized(exp.GTE),
    "maxLength": _sized(exp.LTE),
    "minItems": _sized(exp.GTE),
    "maxItems": _sized(exp.LTE),
    "dimensions": _sized(exp.EQ),
    "pattern": _pattern,
    "format": _format,
}
