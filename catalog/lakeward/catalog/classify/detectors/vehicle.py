"""Vehicles: identification numbers with their check digit, plates."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="vehicle",
    title="Vehicle identifiers and plates",
    finding="vehicle",
    source="45 CFR 164.514(b)(2)(i)(L); 49 CFR 565",
    names=("vin", "plate !well !count", "vehicle $@key|plate|registration|serial|vehicle"),
    kinds=TEXTUAL,
    shape=re.compile(r"[A-HJ-NPR-Za-hj-npr-z0-9]{17}"),
    check=checksums.vin,
    alone=0.95,
)
