"""Trade union membership."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="trade_union",
    title="Trade union membership",
    finding="union",
    source="GDPR Art. 9(1)",
    names=("union !credit",),
    kinds=MEASURED,
)
