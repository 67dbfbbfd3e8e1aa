"""Masks that show a part of a text."""

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.policies.masks.definition import MaskDefinition, call, case, concat, number, of_types, text
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Mask

_SHOWN = 4
_ICEBERG = "Iceberg REST catalog, read restrictions"


def _hide_characters(value: exp.Expr) -> exp.Expr:
    """Letters become x and digits n, of whatever script; what is neither stays."""
    letters = call("regexp_replace", value, text(r"\p{L}"), text("x"), text("g"))
    return call("regexp_replace", letters, text(r"\p{N}"), text("n"), text("g"))


def _alphanum(_mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    return _hide_characters(column)


def _first(_mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    rest = _hide_characters(call("substring", column, number(_SHOWN + 1)))
    return concat(call("left", column, number(_SHOWN)), rest)


def _last(_mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    length = call("length", column)
    start = _hide_characters(call("left", column, exp.Sub(this=length, expression=number(_SHOWN))))
    is_short = exp.LTE(this=length.copy(), expression=number(_SHOWN))
    return case(is_short, column.copy(), concat(start, call("right", column, number(_SHOWN))))


def _prefix(mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    return call("left", column, number(max(0, int(mask.argument("length") or 0))))


TEXTS = {
    "mask-alphanum": MaskDefinition(
        rank=50,
        summary="Letters as x, digits as n, everything else as it is.",
        fits=of_types("string"),
        build=_alphanum,
        source=_ICEBERG,
    ),
    "show-first-4": MaskDefinition(
        rank=31,
        summary="The first four characters; of the rest, letters as x and digits as n.",
        fits=of_types("string"),
        build=_first,
        source=_ICEBERG,
    ),
    "show-last-4": MaskDefinition(
        rank=30,
        summary="The last four characters; of the rest, letters as x and digits as n.",
        fits=of_types("string"),
        build=_last,
        source=_ICEBERG,
    ),
    "prefix": MaskDefinition(
        rank=35,
        summary="The first `length` characters and no more: the category of a code.",
        fits=of_types("string"),
        build=_prefix,
        required={"length": int},
    ),
}
