"""Silver: one meaning to one column, people linked across systems, consent recorded."""

from precision_oncology.steps.imaging import FEATURES as IMAGE_FEATURES
from precision_oncology.tables.spec import COUNT, DAY, FLAG, NUMBER, TEXT, column, spec
from precision_oncology.tables.tagging import HEALTH

PATIENT_XREF = spec(  # the re-identification code of 45 CFR 164.514(c): no research role reads it
    "silver.patient_xref",
    column("patient_id", TEXT, "phi.mrn", "link"),
    column("system", TEXT, "link"),
    column("local_id", TEXT, "phi.unique", "link"),
    column("method", TEXT, "link"),
    column("confidence", NUMBER, "link"),
    column("valid_from", DAY, "link"),
)
CONSENT = spec(
    "silver.consent",
    column("patient_id", TEXT, "phi.mrn", "link"),
    column("modality", TEXT),
    column("purpose", TEXT),
    column("status", TEXT),
    column("valid_from", DAY),
    column("valid_to", DAY),
    column("document_sha256", TEXT),
)
CARE_TEAM = spec(
    "silver.care_team",
    column("member", TEXT, "pii.staff"),
    column("patient_id", TEXT, "phi.mrn", "link"),
)
NOTE_ENTITIES = spec(
    "silver.note_entities",
    column("note_id", TEXT),
    column("patient_id", TEXT, "phi.mrn"),
    column("label", TEXT),
    column("text", TEXT, *HEALTH, "phi.free_text"),  # a span of free text is still free text
    column("concept", TEXT, *HEALTH),
    column("begins", COUNT),
    column("ends", COUNT),
    column("section", TEXT),
    column("negated", FLAG),
    column("family", FLAG),
    column("hypothetical", FLAG),
    column("day_offset", COUNT, *HEALTH),  # days since the patient's first note: keeps order, loses the date
)
IMAGING_SERIES_SELECTED = spec(
    "silver.imaging_series_selected",
    column("series_key", TEXT, "study_id"),
    column("local_id", TEXT, "phi.mrn"),
    column("object_sha256", TEXT),
    column("is_selected", FLAG),
    column("reason", TEXT),
)
IMAGING_FEATURES = spec(
    "silver.imaging_features",
    column("series_key", TEXT, "study_id"),
    column("local_id", TEXT, "phi.mrn"),
    column("modality", TEXT),
    *(column(name, NUMBER, "derived.imaging", *HEALTH) for name in IMAGE_FEATURES),
)
