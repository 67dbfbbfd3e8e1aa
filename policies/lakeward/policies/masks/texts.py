"""Masks that show a part of a text."""

import string

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.policies.masks.definition import MaskDefinition, call, case, concat, number, of_types, text
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Mask

_SHOWN = 4
_ASCII = "".join(chr(code) for code in range(1, 128) if chr(code) not in "(),.-@")
_SHOWN_AS = "".join("n" if each in string.digits else "x" for each in _ASCII)
_ICEBERG = "Iceberg REST catalog, read restrictions"


def _hide_characters(value: exp.Expr) -> exp.Expr:
    """ASCII digits become n; `( ) , . - @` stay; whatever else there is, of any script, becomes x.

    A text of plain ASCII, as most are, is translated character by character, which is half the price.
    """
    others = call("regexp_replace", value, text(r"[^0-9(),.@\-]"), text("x"), text("g"))
    of_any_script = call("regexp_replace", others, text("[0-9]"), text("n"), text("g"))
    is_ascii = exp.EQ(this=call("strlen", value), expression=call("length", value))
    return case(is_ascii, call("translate", value, text(_ASCII), text(_SHOWN_AS)), of_any_script)


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
        summary="Digits as n, `( ) , . - @` as they are, everything else as x.",
        fits=of_types("string"),
        build=_alphanum,
        source=_ICEBERG,
    ),
    "show-first-4": MaskDefinition(
        rank=31,
        summary="The first four characters; the rest as `mask-alphanum` shows it.",
        fits=of_types("string"),
        build=_first,
        source=_ICEBERG,
    ),
    "show-last-4": MaskDefinition(
        rank=30,
        summary="The last four characters; the rest as `mask-alphanum` shows it.",
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
