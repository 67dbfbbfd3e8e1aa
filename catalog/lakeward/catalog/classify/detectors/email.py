"""Electronic mail addresses."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="email",
    title="Electronic mail addresses",
    finding="email",
    source="45 CFR 164.514(b)(2)(i)(F)",
    names=("email !template",),
    kinds=TEXTUAL,
    shape=re.compile(r"(mailto:)?[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+"),
    alone=0.97,
)
