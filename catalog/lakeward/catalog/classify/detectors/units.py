"""Units of measurement: `valueuom`, `dose_unit`. A number is no unit: `insulin_units` is a dose."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED

DETECTOR = Detector(
    name="units",
    title="Units of measurement",
    finding="technical",
    names=(
        "$unit !@health !cost !price !name !care !hospital !count",
        "unit concept|code|source|display|measurement|dose|quantity|result|lab|text|value|weight|height"
        "|test|observation !insulin"
        " !glucose !blood",
    ),
    kinds=CODED,
)
