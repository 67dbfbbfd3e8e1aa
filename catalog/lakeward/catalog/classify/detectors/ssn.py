"""United States Social Security numbers."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="ssn",
    title="Social Security numbers",
    finding="ssn",
    source="45 CFR 164.514(b)(2)(i)(G)",
    names=("ssn", "social number|id|ssn|security"),
    shape=re.compile(r"\d{3}[- ]\d{2}[- ]\d{4}"),
    check=checksums.ssn,
    alone=0.97,
)
