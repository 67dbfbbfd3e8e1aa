"""Pregnancy and reproduction."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="pregnancy",
    title="Pregnancy and reproduction",
    finding="pregnancy",
    source="HL7 ActCode PREGNANT",
    names=("pregnancy", "birth weight|order|live|still|multiple"),
    kinds=MEASURED,
)
