"""Race, ethnicity, nationality."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED
from lakeward.catalog.classify.people import is_race

DETECTOR = Detector(
    name="race",
    title="Race, ethnicity and nationality",
    finding="race",
    source="GDPR Art. 9(1)",
    names=("race|ethnicity|ancestry|nationality", "skin type|color|tone"),
    hints=("=population",),
    kinds=MEASURED,
    check=is_race,
    rate=0.8,
    alone=0.85,
)
