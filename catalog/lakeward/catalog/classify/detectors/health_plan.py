"""Numbers of members of a health plan; the shape of a Medicare Beneficiary Identifier."""

import re

from lakeward.catalog.classify.detector import Detector

_LETTER = "[AC-HJKMNP-RT-Yac-hjkmnp-rt-y]"
_EITHER = "[0-9AC-HJKMNP-RT-Yac-hjkmnp-rt-y]"

DETECTOR = Detector(
    name="health_plan",
    title="Health plan beneficiary numbers",
    finding="health_plan",
    source="45 CFR 164.514(b)(2)(i)(I); CMS, Medicare Beneficiary Identifier",
    names=(
        "member|subscriber|insured|beneficiary|policy $id|number|key|code !@demographic !@time !county"
        " !state !status",
        "insurance $id|number|key|policy|reference",
        "insurance policy|group",
        "medicare|medicaid|versichertennummer $id|number|medicare|medicaid|versichertennummer|key",
        "policy $number|policy",
        "group $number",
        "group category $group",
    ),
    shape=re.compile(rf"[1-9]{_LETTER}{_EITHER}\d-?{_LETTER}{_EITHER}\d-?{_LETTER}{{2}}\d{{2}}"),
    alone=0.95,
)
