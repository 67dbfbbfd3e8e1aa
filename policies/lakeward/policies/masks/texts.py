"""Masks that show a part of a text."""

import string

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.policies.masks.definition import MaskDefinition, call, case, concat, number, of_types, text
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Mask
from lakeward.policies.masks.spelling import Spelling

_SHOWN = 4
_LETTERS = string.ascii_lowercase + " "
_ALL_HIDDEN = "x" * len(_LETTERS)
_LOWER_ASCII = "".join(
    each for each in map(chr, range(1, 128)) if each not in "(),.-@" and not each.isupper()
)
_SHOWN_AS = "".join("n" if each in string.digits else "x" for each in _LOWER_ASCII)
_HIDDEN_AS = "xn(),.-@"
_ICEBERG = "Iceberg REST catalog, read restrictions"


def _hide_characters(value: exp.Expr) -> exp.Expr:
    """ASCII digits become n; `( ) , . - @` stay; whatever else there is, of any script, becomes x.

    `translate` builds its table anew for each text, which costs more than the text itself. So short tables
    serve where they do: a text with nothing to keep needs none, one of letters and what is kept a small one.
    No branch can fail: what is repeated is never longer than the text.
    """
    is_hidden = call("regexp_full_match", value, text(r"[^0-9(),.@\-]*"))
    is_prose = call("regexp_full_match", value, text(r"[a-zA-Z (),.@\-]*"))
    is_ascii = call("regexp_full_match", value, text(r"[\x01-\x7F]*"))  # no table of `translate` may hold NUL
    others = call("regexp_replace", value, text(r"[^0-9(),.@\-]"), text("x"), text("g"))
    shown = exp.Case(default=call("regexp_replace", others, text("[0-9]"), text("n"), text("g")))
    shown = shown.when(is_hidden, call("repeat", text("x"), call("length", value)))
    shown = shown.when(is_prose, call("translate", call("lower", value), text(_LETTERS), text(_ALL_HIDDEN)))
    return shown.when(is_ascii, call("translate", call("lower", value), text(_LOWER_ASCII), text(_SHOWN_AS)))


def _alphanum(_mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    return _hide_characters(column)


def _first(_mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    rest = call("substring", _hide_characters(column), number(_SHOWN + 1))
    return concat(call("left", column, number(_SHOWN)), rest)


def _last(_mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    length = call("length", column)
    start = call("left", _hide_characters(column), exp.Sub(this=length, expression=number(_SHOWN)))
    is_short = exp.LTE(this=length.copy(), expression=number(_SHOWN))
    return case(is_short, column.copy(), concat(start, call("right", column, number(_SHOWN))))


def _prefix(mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    return call("left", column, number(_length(mask)))


def _length(mask: Mask) -> int:
    return max(0, int(mask.argument("length") or 0))


TEXTS = {
    "mask-alphanum": MaskDefinition(
        rank=50,
        summary="Digits as n, `( ) , . - @` as they are, everything else as x.",
        fits=of_types("string"),
        build=_alphanum,
        source=_ICEBERG,
        spelling=lambda _mask: Spelling(between=_HIDDEN_AS),
    ),
    "show-first-4": MaskDefinition(
        rank=31,
        summary="The first four characters; the rest as `mask-alphanum` shows it.",
        fits=of_types("string"),
        build=_first,
        source=_ICEBERG,
        spelling=lambda _mask: Spelling(first=_SHOWN, between=_HIDDEN_AS),
    ),
    "show-last-4": MaskDefinition(
        rank=30,
        summary="The last four characters; the rest as `mask-alphanum` shows it.",
        fits=of_types("string"),
        build=_last,
        source=_ICEBERG,
        spelling=lambda _mask: Spelling(last=_SHOWN, between=_HIDDEN_AS),
    ),
    "prefix": MaskDefinition(
        rank=35,
        summary="The first `length` characters and no more: the category of a code.",
        fits=of_types("string"),
        build=_prefix,
        required={"length": int},
        spelling=lambda mask: Spelling(first=_length(mask)),
    ),
}
