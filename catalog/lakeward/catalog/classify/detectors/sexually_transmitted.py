"""Sexually transmitted diseases."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="sexually_transmitted",
    title="Sexually transmitted diseases",
    finding="sti",
    source="HL7 ActCode STD",
    names=("std !deviation",),
    kinds=MEASURED,
)
