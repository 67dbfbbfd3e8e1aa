"""Occupation, education, military service."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="occupation",
    title="Occupation and education",
    finding="occupation",
    names=("occupation|education|veteran",),
    kinds=MEASURED,
)
