"""Sex and gender."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED
from lakeward.catalog.classify.people import is_sex

DETECTOR = Detector(
    name="sex",
    title="Sex and gender",
    finding="sex",
    names=("sex !partner !orientation", "pronoun", "identity sex"),
    kinds=MEASURED,
    check=is_sex,
    rate=1.0,
    alone=0.6,
)
