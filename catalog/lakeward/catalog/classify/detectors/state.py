"""States and countries: not among the eighteen, but they narrow down."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED
from lakeward.catalog.classify.people import is_state

DETECTOR = Detector(
    name="state",
    title="States, countries, three digits of a ZIP",
    finding="state",
    names=("state !status", "country", "region !gene !genome", "zip3"),
    kinds=CODED,
    check=is_state,
    rate=0.9,
    alone=0.7,
)
