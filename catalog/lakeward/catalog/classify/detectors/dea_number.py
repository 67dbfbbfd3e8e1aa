"""Numbers of the US Drug Enforcement Administration, by check digit."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="dea_number",
    title="DEA numbers, by check digit",
    finding="staff",
    source="21 CFR 1301",
    kinds=TEXTUAL,
    shape=re.compile(r"[A-Za-z][A-Za-z9]\d{7}"),
    check=checksums.dea_number,
    rate=0.95,
    alone=0.93,
)
