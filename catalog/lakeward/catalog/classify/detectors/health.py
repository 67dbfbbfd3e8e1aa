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
        "@person size|length",
        "length|duration stay",
        "patient|person category|type|status",
        "specimen|device|modifier|cause|place concept|source",
        "specimen type|source|site|category",
        "time|day hospital|icu|stay",
        "unit type|admission|discharge",
        "active|sedentary minute|hour|distance",
        "cause visit|admission|encounter|stay",
        "icu !id",
        "carbs|calorie|meal|sugar",
    ),
    hints=(
        "=item",
        "item $id",
        "=rate",
        "=duration",
        "=destination",
        "=modifier",
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
