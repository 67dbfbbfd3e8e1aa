"""Ages, and numbers of days that tell one."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED, Kind

DETECTOR = Detector(
    name="age",
    title="Ages",
    finding="age",
    source="45 CFR 164.514(b)(2)(i)(C)",
    names=(
        "$age !pregnancy",
        "age !pregnancy @time|@health|@event|death|onset|unit|anchor|initial|score|number",
        "day birth|death|last",
    ),
    kinds=CODED | {Kind.FLOAT},
)
