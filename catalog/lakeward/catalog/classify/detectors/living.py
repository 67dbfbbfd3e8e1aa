"""Households and living arrangements."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="living",
    title="Households and living arrangements",
    finding="living",
    names=(
        "household|housing|dependents|insecurity",
        "living !status|arrangement",
        "living",
        "family size",
        "child number|count",
    ),
    hints=("=child|sibling",),
    kinds=MEASURED,
)
