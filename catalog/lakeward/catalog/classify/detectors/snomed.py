"""SNOMED CT identifiers, by check digit."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="snomed",
    title="SNOMED CT identifiers, by check digit",
    finding="health",
    source="SNOMED CT",
    names=("snomed|sctid",),
    shape=re.compile(r"[1-9]\d{5,8}|[1-9]\d{8,17}"),
    check=checksums.verhoeff,
    rate=0.95,
    alone=0.7,
)
