"""Sexual life and orientation."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="orientation",
    title="Sexual life and orientation",
    finding="orientation",
    source="GDPR Art. 9(1)",
    names=("orientation sexual", "sexual", "=orientation", "sex partner"),
    kinds=MEASURED,
)
