"""LOINC codes, by check digit."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="loinc",
    title="LOINC codes, by check digit",
    finding="health",
    source="LOINC",
    names=("loinc",),
    kinds=TEXTUAL,
    shape=re.compile(r"\d{1,7}-\d"),
    check=checksums.loinc,
    rate=0.9,
    alone=0.85,
)
