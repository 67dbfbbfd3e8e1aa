"""Numbers of payment cards, by check digit."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="card",
    title="Payment cards, by check digit",
    finding="account",
    source="ISO/IEC 7812-1",
    shape=re.compile(r"[3-6]\d{3}([ -]?\d{4}){2}[ -]?\d{1,7}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}"),
    check=checksums.luhn,
    rate=0.95,
    alone=0.93,
)
