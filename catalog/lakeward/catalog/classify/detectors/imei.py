"""International mobile equipment identities, by check digit."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="imei",
    title="IMEI of phones, by check digit",
    finding="device",
    source="3GPP TS 23.003",
    shape=re.compile(r"\d{15}"),
    check=checksums.luhn,
    rate=0.95,
    alone=0.92,
)
