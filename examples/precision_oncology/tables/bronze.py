"""Bronze: what the files say, in the words of the files."""

from precision_oncology.tables.spec import (
    COUNT,
    DAY,
    FLAG,
    MOMENT,
    NUMBER,
    SMALL,
    TEXT,
    column,
    late_column,
    spec,
)  # fmt: skip
from precision_oncology.tables.tagging import (
    GENOMIC,
    GOVERNMENT_ID,
    HEALTH,
    NOTE,
    PRECISE_PLACE,
    STUDY_SAMPLE,
)  # fmt: skip

RAW_OBJECTS = spec(
    "bronze.raw_objects",
    column("path", TEXT, "phi.url"),  # a file name may carry a date, a name or a stable id
    column("sha256", TEXT),
    column("size", COUNT),
    column("modality", TEXT),
    column("source_system", TEXT),
    column("origin", TEXT),
    column("received_at", MOMENT),
    column("consent_scope", TEXT),
)
QUARANTINE = spec(
    "bronze.quarantine",
    column("path", TEXT, "phi.url"),
    column("sha256", TEXT),
    column("modality", TEXT),
    column("line", COUNT),
    column("reason", TEXT),
)
EHR_PATIENTS = spec(
    "bronze.ehr_patients",
    column(
        "patient_id", TEXT, "phi.mrn", "link"
    ),  # equals the MRN in the source: masking only `mrn` would leak it
    column("mrn", TEXT, "phi.mrn"),
    column("ssn", TEXT, "phi.ssn", "cfr202.gov_id"),
    column("drivers", TEXT, *GOVERNMENT_ID),
    column("passport", TEXT, *GOVERNMENT_ID),
    column("family", TEXT, "phi.name"),
    column("given", TEXT, "phi.name"),
    column("birth_date", DAY, "phi.date"),
    column("deceased", DAY, "phi.date"),
    column("phone", TEXT, "phi.phone", "cfr202.contact"),
    column("street", TEXT, "phi.geo"),
    column("city", TEXT, "phi.geo"),
    column("zip", TEXT, "phi.geo"),
    column("state", TEXT),
    column("lat", NUMBER, *PRECISE_PLACE),
    column("lon", NUMBER, *PRECISE_PLACE),
    column("gender", TEXT, "qi"),
)
EHR_CONDITIONS = spec(
    "bronze.ehr_conditions",
    column("condition_id", TEXT),
    column("patient_id", TEXT, "phi.mrn"),
    column("code", TEXT, *HEALTH),
    column("display", TEXT, *HEALTH),
    column("onset", MOMENT, "phi.date"),
    column("recorded", MOMENT, "phi.date"),
)
EHR_EVENTS = (
    spec(  # encounters, medication requests, procedures, allergies: one shape, `resource` tells which
        "bronze.ehr_events",
        column("event_id", TEXT),
        column("resource", TEXT),
        column("patient_id", TEXT, "phi.mrn"),
        column("code", TEXT, *HEALTH),
        column("display", TEXT, *HEALTH),
        column("started", MOMENT, "phi.date"),
    )
)
EHR_OBSERVATIONS = spec(
    "bronze.ehr_observations",
    column("observation_id", TEXT),
    column("patient_id", TEXT, "phi.mrn"),
    column("loinc", TEXT),
    column("value", NUMBER, *HEALTH),
    column("unit", TEXT),
    column("observed_at", MOMENT, "phi.date"),
)
NOTES_RAW = spec(
    "bronze.notes_raw",
    column("note_id", TEXT),
    column("patient_id", TEXT, "phi.mrn"),
    column("note_date", MOMENT, "phi.date"),
    column("note_text", TEXT, *NOTE),
)
GENOMICS_VARIANTS = spec(
    "bronze.genomics_variants",
    column("variant_key", TEXT),
    column("build", TEXT),
    column("chrom", TEXT),
    column("pos", COUNT),
    column("ref", TEXT),
    column("alt", TEXT),
    column("rsid", TEXT),
    column("filter", TEXT),
    column("af", NUMBER),
    column("panel", TEXT),
)
GENOMICS_GENOTYPES = spec(
    "bronze.genomics_genotypes",
    column("sample_id", TEXT, *STUDY_SAMPLE),
    column("variant_key", TEXT),
    column("dosage", SMALL, *GENOMIC),
    column("panel", TEXT),
)
IMAGING_DICOM_HEADERS = spec(
    "bronze.imaging_dicom_headers",
    column("SOPInstanceUID", TEXT, "phi.unique"),
    column("SeriesInstanceUID", TEXT, "phi.unique"),
    column("StudyInstanceUID", TEXT, "phi.unique"),
    column("Modality", TEXT),
    column("PatientID", TEXT, "phi.mrn"),
    column("PatientName", TEXT, "phi.name"),
    column("PatientBirthDate", TEXT, "phi.date"),
    column("PatientSex", TEXT, "qi"),
    column("PatientAge", TEXT, "phi.date"),
    column("InstitutionName", TEXT, "phi.geo"),
    column("ReferringPhysicianName", TEXT, "pii.staff"),
    column("AccessionNumber", TEXT, "phi.account"),
    column("StudyDate", TEXT, "phi.date"),
    column("StationName", TEXT, "phi.device"),
    column("OperatorsName", TEXT, "pii.staff"),
    column("BodyPartExamined", TEXT, *HEALTH),
    column("ConvolutionKernel", TEXT),
    column("SliceThickness", TEXT),
    column("BurnedInAnnotation", TEXT),
    column("object_sha256", TEXT),
    column("finding", TEXT),
)
WEARABLE_CGM = spec(
    "bronze.wearable_cgm",
    column("participant_id", TEXT, "study_id"),
    column("event_ts", MOMENT, "phi.date"),
    column("glucose_mg_dl", NUMBER, *HEALTH),
    column("batch_id", TEXT),
    column("is_late", FLAG),
    late_column("sensor_id", TEXT),
)
SOMATIC_MAF = spec(
    "bronze.somatic_maf",
    column("Tumor_Sample_Barcode", TEXT, *STUDY_SAMPLE),
    column("Hugo_Symbol", TEXT, *GENOMIC),
    column("Chromosome", TEXT, *GENOMIC),
    column("Start_Position", COUNT, *GENOMIC),
    column("Reference_Allele", TEXT, *GENOMIC),
    column("Tumor_Seq_Allele2", TEXT, *GENOMIC),
    column("Variant_Classification", TEXT, *GENOMIC),
    column("Protein_Change", TEXT, *GENOMIC),
)
