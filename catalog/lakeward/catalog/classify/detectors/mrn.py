"""Medical record numbers."""

import re

from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="mrn",
    title="Medical record numbers",
    finding="mrn",
    source="45 CFR 164.514(b)(2)(i)(H)",
    names=(
        "mrn",
        "clinical|hospital|health record|chart number|id|key",
        "clinical|hospital $record",
        "hospital|chart|dossier $number",
        "patient|subject number",
        "person|patient source",
        "patient id list",
        "other patient id",
    ),
    shape=re.compile(r"(?i)(MRN|MR|EMPI|HOSP|URN)[\s#:_-]*\d{4,12}"),
    alone=0.95,
)
