"""Violence and abuse."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="violence",
    title="Violence and abuse",
    finding="violence",
    source="HL7 ActCode SDV",
    names=("violence",),
    kinds=MEASURED,
)
