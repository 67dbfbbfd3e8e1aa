"""Marital status."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED
from lakeward.catalog.classify.people import is_marital

DETECTOR = Detector(
    name="marital",
    title="Marital status",
    finding="marital",
    names=("marital",),
    kinds=MEASURED,
    check=is_marital,
    rate=0.8,
    alone=0.85,
)
