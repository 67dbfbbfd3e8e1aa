"""International bank account numbers, by check digits."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="iban",
    title="Bank accounts, by check digits",
    finding="account",
    source="ISO 13616",
    kinds=TEXTUAL,
    shape=re.compile(r"[A-Za-z]{2}\d{2}( ?[A-Za-z0-9]){11,30}"),
    check=checksums.iban,
    alone=0.97,
)
