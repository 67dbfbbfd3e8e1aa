"""Alcohol and drugs: 42 CFR Part 2."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="substance_use",
    title="Substance use",
    finding="substance",
    source="42 CFR Part 2; HL7 ActCode SUD",
    names=("substance !dose", "alcohol"),
    kinds=MEASURED,
)
