"""Unique device identifiers as carriers print them: application identifiers 01, 10, 11, 17, 21."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="udi",
    title="UDI carriers",
    finding="device",
    source="21 CFR 801.20; GS1 General Specifications",
    kinds=TEXTUAL,
    shape=re.compile(r"\(01\)\d{14}(\(\d{2}\)[\w./-]+)*|\+[A-Z0-9]{6,}/[\w$/+.-]+"),
    alone=0.93,
)
