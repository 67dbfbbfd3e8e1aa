"""Masks over measurements."""

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.policies.masks.definition import MaskDefinition, call, number, of_types
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Mask


def _round(mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    """A number that rounds to nothing is 0: the engine keeps its sign, and -0.2 would show as -0.0."""
    rounded = call("round", column, number(int(mask.argument("digits") or 0)))
    return exp.Add(this=rounded, expression=number(0))


NUMBERS = {
    "round": MaskDefinition(
        rank=10,
        summary="The number rounded to `digits` digits after the point, none unless said.",
        fits=of_types("float", "double"),
        build=_round,
        optional={"digits": int},
    ),
}
