"""Political opinions."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="beliefs",
    title="Political opinions",
    finding="political",
    source="GDPR Art. 9(1)",
    names=("political",),
    kinds=MEASURED,
)
