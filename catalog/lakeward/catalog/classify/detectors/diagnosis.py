"""Diagnoses: by name, and by the shape of ICD codes."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="diagnosis",
    title="Diagnoses and ICD codes",
    finding="diagnosis",
    source="ICD-10-CM",
    names=(
        "diagnosis|condition|disease|problem|comorbidity !version",
        "drg",
        "deathcause",
        "death cause",
        "dementia|tumor",
    ),
    kinds=MEASURED,
    shape=re.compile(r"[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?|[EV]?\d{3}\.\d{1,2}|[A-TV-Z]\d{2}[0-9A-Z]{1,4}"),
    rate=0.85,
    alone=0.75,
)
