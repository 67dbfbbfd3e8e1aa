"""Medications: by name, and by the shape of NDC and ATC codes."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import MEASURED

DETECTOR = Detector(
    name="drug",
    title="Medications",
    finding="drug",
    source="21 CFR 207 (NDC); WHO ATC",
    names=("drug|immunization|prescription|substance !unit", "product service"),
    kinds=MEASURED,
    shape=re.compile(r"\d{4,5}-\d{3,4}-\d{1,2}|[A-V]\d{2}[A-Z]{2}\d{2}"),
    rate=0.85,
    alone=0.8,
)
