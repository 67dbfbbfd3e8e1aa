"""Masks that show one value, or none."""

import datetime as dt
import re

from sqlglot import exp

from lakeward.catalog.types import DataType, PrimitiveType
from lakeward.policies.masks.definition import MaskDefinition, of_any_type, of_types, text
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Argument, Mask

_FIXED = {
    "boolean": "false",
    "int": "999999999",
    "long": "999999999",
    "float": "0",
    "double": "0",
    "decimal": "0",
    "string": "XXXXXXXX",
    "date": "9999-12-31",
    "time": "00:00:00",
    "timestamp": "9999-12-31 00:00:00",
    "timestamptz": "9999-12-31 00:00:00+00",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "binary": "",
}
_INT = 2**31
_LONG = 2**63
_FLOAT = 1e38
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_DECIMAL_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")


def _same(_mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    return column


def _fixed(_mask: Mask, _column: exp.Expr, type_: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    return text(_FIXED[type_.name])


def _constant(mask: Mask, _column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    return text(str(mask.argument("value")))


def _constant_fits(mask: Mask, type_: DataType) -> bool:
    value = mask.argument("value")
    return isinstance(type_, PrimitiveType) and value is not None and _is_of(value, type_)


def _is_of(value: Argument, type_: PrimitiveType) -> bool:  # noqa: PLR0911 - one line to a type
    """Whether a constant surely casts to a type, so that no query can fail on it."""
    written = str(value)
    match type_.name:
        case "string":
            return "\0" not in written
        case "boolean":
            return isinstance(value, bool)
        case "int" | "long":
            bound = _INT if type_.name == "int" else _LONG
            return isinstance(value, int) and not isinstance(value, bool) and -bound <= value < bound
        case "float" | "double":
            return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _FLOAT
        case "decimal":
            whole, _, part = written.removeprefix("-").partition(".")
            scale = type_.scale or 0
            is_short = len(part) <= scale and len(whole.lstrip("0")) <= (type_.precision or 0) - scale
            return bool(_DECIMAL_TEXT.match(written)) and is_short
        case "date":
            return bool(_DAY.match(written)) and _is_date(written)
        case _:
            return False


def _is_date(written: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(written))
    except ValueError:
        return False


FIXED = {
    "clear": MaskDefinition(rank=0, summary="The cell itself.", fits=of_any_type, build=_same),
    "constant": MaskDefinition(
        rank=80,
        summary="`value` in every row, where the cell is NULL too.",
        fits=_constant_fits,
        build=_constant,
        required={"value": object},
    ),
    "mask-to-fixed-value": MaskDefinition(
        rank=85,
        summary="One fixed value of the type in every row, NULL or not: whether there was a value is hidden.",
        fits=of_types(*_FIXED),
        build=_fixed,
        source="Iceberg REST catalog, read restrictions",
    ),
    "replace-with-null": MaskDefinition(
        rank=90,
        summary="NULL in every row.",
        fits=of_any_type,
        build=_same,
        source="Iceberg REST catalog, read restrictions",
    ),
    "hidden": MaskDefinition(rank=100, summary="No such column.", fits=of_any_type, build=_same),
}
