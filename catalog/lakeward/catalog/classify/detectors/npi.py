"""National Provider Identifiers, by check digit."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="npi",
    title="National Provider Identifiers, by check digit",
    finding="staff",
    source="45 CFR 162.406",
    shape=re.compile(r"[12]\d{9}"),
    check=checksums.npi,
    rate=0.95,
    alone=0.93,
)
