"""Notes about a person's health."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL, Kind

DETECTOR = Detector(
    name="clinical_text",
    title="Clinical notes",
    finding="clinical_text",
    source="45 CFR 164.501",
    names=(
        "$note",
        "note|report|clinical|discharge|pathology|radiology|history|impression|chief|depression|lab|observation|result"
        " text|note|comment|summary|narrative|description|symptom|blob|impression|transcription",
        "chief",
        "impression|historytext",
        "value text|char|string",
        "attachment|document data|body|mime|content !hash !url",
    ),
    kinds=TEXTUAL | {Kind.BINARY},
)
