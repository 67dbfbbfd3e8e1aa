"""FHIR references: `Patient/123`."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="fhir_reference",
    title="FHIR references to persons and events",
    finding="person_key",
    source="HL7 FHIR R4, Reference",
    kinds=TEXTUAL,
    shape=re.compile(
        r"(https?://\S+/)?(Patient|RelatedPerson|Person|Encounter|EpisodeOfCare|Group)/[\w.-]{1,64}"
    ),
    alone=0.93,
)
