"""ZIP and postal codes, by shape; digits alone are none without a name."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="zip_code",
    title="ZIP+4 and British postcodes",
    finding="address",
    source="45 CFR 164.514(b)(2)(i)(B)",
    kinds=TEXTUAL,
    shape=re.compile(r"\d{5}-\d{4}|(?i:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})|[A-Z]\d[A-Z] ?\d[A-Z]\d"),
    rate=0.9,
    alone=0.75,
)
