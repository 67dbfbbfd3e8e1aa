"""A mask over a column, as an expression."""

from sqlglot import exp

from lakeward.catalog.types import DataType, PrimitiveType
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Mask
from lakeward.policies.masks.registry import MASKS
from lakeward.policies.rewrite.duckdb_types import duckdb_type

_UNTOUCHED = "clear"
_NO_CELL = frozenset({"hidden", "replace-with-null"})


def fits(mask: Mask, type_: DataType) -> bool:
    """Whether a mask can stand for a column of this type."""
    definition = MASKS.get(mask.name)
    return definition is not None and definition.fits(mask, type_)


def mask_expression(mask: Mask, column: exp.Expr, type_: DataType, env: MaskEnvironment) -> exp.Expr:
    """Return the expression that shows `column` through `mask`, of the column's own type.

    A mask that does not fit the type shows nothing: NULL.
    """
    if mask.name == _UNTOUCHED:
        return column
    if mask.name in _NO_CELL or not fits(mask, type_) or not isinstance(type_, PrimitiveType):
        return exp.Cast(this=exp.null(), to=duckdb_type(type_))
    masked = MASKS[mask.name].build(mask, column, type_, env)
    return exp.Cast(this=masked, to=duckdb_type(type_))
