"""Web addresses."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="url",
    title="Web addresses",
    finding="url",
    source="45 CFR 164.514(b)(2)(i)(N)",
    names=("url !reference !count", "endpoint"),
    hints=("url reference",),
    kinds=TEXTUAL,
    shape=re.compile(r"(https?|ftp|s3|gs|file)://\S+|www\.\S+\.\S+"),
    alone=0.9,
)
