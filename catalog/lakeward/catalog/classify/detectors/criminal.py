"""Convictions and offences."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="criminal",
    title="Convictions and offences",
    finding="criminal",
    source="GDPR Art. 10",
    names=("criminal !cardiovascular !heart",),
    kinds=MEASURED,
)
