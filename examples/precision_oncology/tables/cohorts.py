"""Bronze of the cohorts that are never linked to the hospital's patients: other people, other tables."""

from dataclasses import replace

from precision_oncology.tables import bronze
from precision_oncology.tables.spec import COUNT, NUMBER, TEXT, column, spec
from precision_oncology.tables.tagging import GENOMIC, HEALTH, NOTE, STUDY_SAMPLE

CSV_PATIENTS = replace(bronze.EHR_PATIENTS, name="bronze.ehr_csv_patients")
CSV_CONDITIONS = replace(bronze.EHR_CONDITIONS, name="bronze.ehr_csv_conditions")
CSV_OBSERVATIONS = replace(bronze.EHR_OBSERVATIONS, name="bronze.ehr_csv_observations")
CSV_EVENTS = replace(bronze.EHR_EVENTS, name="bronze.ehr_csv_events")
VISIT_NOTES = spec(
    "bronze.visit_notes",
    column("encounter_id", TEXT, "phi.account"),
    column("source_set", TEXT),
    column("dialogue", TEXT, *NOTE),
    column("note_text", TEXT, *NOTE),
)
OMICS_MATRIX = spec(
    "bronze.omics_matrix",  # one row to a patient, assay and feature
    column("patient_barcode", TEXT, *STUDY_SAMPLE),
    column("assay", TEXT),
    column("feature", TEXT, *GENOMIC),
    column("value", NUMBER, "genomic", "cfr202.omic.genomic", "cfr202.omic.other"),
)
OMICS_CLINICAL = spec(
    "bronze.omics_clinical",
    column("patient_barcode", TEXT, *STUDY_SAMPLE),
    column("years_to_birth", COUNT, "phi.date"),
    column("vital_status", COUNT, *HEALTH),
    column("days_to_death", COUNT, "phi.date"),
    column("days_to_last_followup", COUNT, "phi.date"),
    column("pathologic_stage", TEXT, *HEALTH),
    column("gender", TEXT, "qi"),
    column("race", TEXT, "qi"),
)
NODULES = spec(
    "bronze.imaging_nodules",
    column("annotation_id", COUNT),
    column("patient_id", TEXT, *STUDY_SAMPLE),
    column("series_uid", TEXT, "phi.unique"),
    *(column(name, NUMBER, *HEALTH) for name in ("diameter_mm", "volume_mm3", "perimeter_mm")),
    *(
        column(name, COUNT, *HEALTH)
        for name in (
            "n_slices", "subtlety", "calcification", "sphericity", "margin", "lobulation", "spiculation",
            "texture", "malignancy",
        )
    ),
)  # fmt: skip
