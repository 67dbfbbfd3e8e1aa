"""HIV."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="hiv", title="HIV", finding="hiv", source="HL7 ActCode HIV", names=("hiv",), kinds=MEASURED
)
