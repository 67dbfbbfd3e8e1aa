"""Religion."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED
from lakeward.catalog.classify.people import is_religion

DETECTOR = Detector(
    name="religion",
    title="Religion",
    finding="religion",
    source="GDPR Art. 9(1)",
    names=("religion",),
    kinds=MEASURED,
    check=is_religion,
    rate=0.8,
    alone=0.85,
)
