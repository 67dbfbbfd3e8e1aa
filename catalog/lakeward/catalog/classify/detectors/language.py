"""The language that a person speaks."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED

DETECTOR = Detector(
    name="language",
    title="Languages of persons",
    finding="language",
    names=("language !software !code_system", "interpreter"),
    kinds=CODED,
)
