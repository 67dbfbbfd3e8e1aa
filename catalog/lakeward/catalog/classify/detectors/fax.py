"""Fax numbers."""

import re

from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="fax",
    title="Fax numbers",
    finding="fax",
    source="45 CFR 164.514(b)(2)(i)(E)",
    names=("fax",),
    shape=re.compile(r"[+(\d][\d\s().x/-]{5,24}"),
)
