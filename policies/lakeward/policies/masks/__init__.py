"""Masks: how a cell may show instead of itself. One table of definitions, one file for each family.

Every mask is an expression over the raw column: it keeps the column's type, never fails on a value, and keeps
NULL as NULL unless its definition says otherwise. A key never stands in it: it is looked up where the
expression runs.
"""

from lakeward.policies.masks.apply import fits, mask_expression
from lakeward.policies.masks.definition import MaskDefinition
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import CLEAR, HIDDEN, REPLACE_WITH_NULL, Mask
from lakeward.policies.masks.order import hides_as_much, strictest
from lakeward.policies.masks.registry import MASKS, SAFE_HARBOR

__all__ = [
    "CLEAR",
    "HIDDEN",
    "MASKS",
    "REPLACE_WITH_NULL",
    "SAFE_HARBOR",
    "Mask",
    "MaskDefinition",
    "MaskEnvironment",
    "fits",
    "hides_as_much",
    "mask_expression",
    "strictest",
]
