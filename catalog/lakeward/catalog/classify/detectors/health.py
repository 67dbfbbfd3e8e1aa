"""Health data by the words of clinical records."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED, Kind

DETECTOR = Detector(
    name="health",
    title="Health data",
    finding="health",
    source="GDPR Art. 4(15); 28 CFR 202.241",
    names=(
        "@health !range !unit",
        "unitplace|ward|department|service !address !phone",
        "death flag|type|status|indicator|place !concept",
        "admission|discharge|encounter|visit|stay|episode type|category|class|location|source|place"
        "|status|concept"
        " !@key",
        "admission|discharge|visit|encounter concept",
        "death|expiry flag",
        "carbs|calorie|meal|sugar",
    ),
    hints=(
        "value number|numeric|concept|text|char",
        "=value",
        "interpretation",
        "abnormal",
        "result value",
        "$hr|kg|cm",
    ),
    kinds=MEASURED | {Kind.NESTED, Kind.TIME},
    shape=re.compile(r"\d{2,3}/\d{2,3}"),
    rate=0.9,
    alone=0.5,
)
