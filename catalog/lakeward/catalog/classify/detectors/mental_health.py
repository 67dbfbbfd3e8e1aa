"""Mental health."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="mental_health",
    title="Mental health",
    finding="mental",
    source="HL7 ActCode PSY",
    names=("depression !note",),
    kinds=MEASURED,
)
