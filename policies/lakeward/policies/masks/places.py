"""The mask over postal codes."""

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.policies.masks.definition import MaskDefinition, call, case, number, of_types, text
from lakeward.policies.masks.environment import MaskEnvironment
from lakeward.policies.masks.mask import Mask

SMALL_AREAS = (
    "000", "036", "059", "063", "102", "202", "203", "204", "205", "369", "556", "692", "753", "772", "790",
    "821", "823", "830", "831", "878", "879", "884", "890", "893",
)  # fmt: skip
"""Three-digit areas of 20,000 people or fewer in the census of 2000 or of 2010, and 000, which is none.

Source: U.S. Department of Health and Human Services, Guidance Regarding Methods for De-identification (2012),
for 2000; U.S. Census Bureau, ZIP Code Tabulation Areas, for 2010. Both together: an area is small if either
says so.
"""

_ZIP = r" *[0-9]{5}(-?[0-9]{4})? *"
_DIGITS = 3


def _zip3(_mask: Mask, column: exp.Expr, _type: PrimitiveType, _env: MaskEnvironment) -> exp.Expr:
    area = call("left", call("trim", column), number(_DIGITS))
    is_small = exp.In(this=area, expressions=[text(each) for each in SMALL_AREAS])
    is_zip = call("regexp_full_match", column, text(_ZIP))
    return case(is_zip, case(is_small, text("000"), area))


PLACES = {
    "zip3": MaskDefinition(
        rank=40,
        summary="A ZIP code's first three digits, 000 where that area has 20,000 people or fewer; else NULL.",
        fits=of_types("string"),
        build=_zip3,
        source="45 CFR 164.514(b)(2)(i)(B)",
    ),
}
