"""What came of each modality, and of those that did not come, why."""

from collections import defaultdict
from typing import Any, Final

from precision_oncology.intake import Intake

MODALITIES: Final = {
    "records": ("bronze.ehr_patients", "no folder of FHIR resources"),
    "notes": ("bronze.notes_raw", "no DocumentReference among the FHIR resources"),
    "labs": ("bronze.ehr_observations", "no Observation among the FHIR resources"),
    "genomics": ("bronze.genomics_genotypes", "no genomics/*.vcf or *.vcf.gz"),
    "imaging": ("bronze.imaging_dicom_headers", "no imaging/*.dcm"),
    "wearables": ("bronze.wearable_cgm", "no wearables_json/*.json or wearables_*/*.csv"),
}


def inventory_rows(intake: Intake) -> list[dict[str, Any]]:
    """Tell of each modality whether it is here, with how many rows from how many files of which origin."""
    rows: dict[str, int] = defaultdict(int)
    sources: dict[str, set[Any]] = defaultdict(set)
    for landing in intake.landings:
        rows[landing.spec.name] += landing.data.num_rows
        sources[landing.spec.name] |= set(landing.sources)
    rows["bronze.wearable_cgm"] = sum(len(batch.readings) for batch in intake.batches)
    sources["bronze.wearable_cgm"] = {raw for batch in intake.batches for raw in batch.sources}
    return [
        {
            "modality": modality,
            "present": rows[table] > 0,
            "reason_absent": None if rows[table] else absent,
            "files": len(sources[table]),
            "rows": rows[table],
            "origin": ", ".join(sorted({raw.origin for raw in sources[table]})) or None,
        }
        for modality, (table, absent) in MODALITIES.items()
    ]
