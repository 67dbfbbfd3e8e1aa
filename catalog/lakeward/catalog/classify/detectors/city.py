"""Cities, by a list of our own."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL
from lakeward.catalog.classify.people import is_place

DETECTOR = Detector(
    name="city",
    title="Cities, by a list",
    finding="address",
    kinds=TEXTUAL,
    check=is_place,
    rate=0.6,
    alone=0.8,
)
