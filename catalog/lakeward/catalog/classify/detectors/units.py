"""Units of measurement: `valueuom`, `dose_unit`. A number is no unit: `insulin_units` is a dose."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED

DETECTOR = Detector(
    name="units",
    title="Units of measurement",
    finding="technical",
    names=(
        "$unit !@health !@staff !@event !admission !discharge !icu !veteran !home !transfer !cost"
        " !price !name !care !hospital !count",
        "$unit dose|measurement|quantity|result|lab|weight|height|test|observation",
        "unit concept|source !admission !discharge !stay !@care",
        "unit $code|display|text dose|measurement|quantity|result|lab|value|unit !admission !discharge"
        " !stay !@care",
    ),
    kinds=CODED,
)
