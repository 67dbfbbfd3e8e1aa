"""Numbers of the English NHS and the Scottish CHI."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="nhs_number",
    title="NHS numbers, by check digit",
    finding="mrn",
    source="NHS Data Dictionary, NHS NUMBER",
    names=("nhs !trust",),
    shape=re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}"),
    check=checksums.nhs_number,
    rate=0.95,
    alone=0.9,
)
