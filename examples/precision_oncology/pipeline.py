"""From raw files to the inputs of a fusion model: every write is a step with tags, audit and lineage.

Bronze lands what was read, silver and gold are built by the service `pipeline` through the gateway, and the
last step runs for the purpose `model-training`, so that policy, and not this code, leaves out who did not
agree to it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Final

from lakeward.gateway.steps import StepResult, import_step
from precision_oncology.deliveries import DeliveryReport, land_deliveries
from precision_oncology.intake import Intake
from precision_oncology.landing import Landing
from precision_oncology.layers.gold import build_fusion_inputs, build_genomic_features, build_gwas
from precision_oncology.layers.silver import build_entities, build_imaging
from precision_oncology.layers.workshop import PIPELINE, Workshop, sql
from precision_oncology.steps.inventory import inventory_rows
from precision_oncology.tables import bronze, gold, silver
from precision_oncology.tables.spec import HARMLESS

CLINICIAN: Final = "grace"
CARED_FOR: Final = 3  # every third patient is the clinician's
ALWAYS: Final = (  # a missing modality is an empty table, so that what reads it needs no second way
    bronze.EHR_PATIENTS, bronze.EHR_CONDITIONS, bronze.EHR_OBSERVATIONS, bronze.NOTES_RAW,
    bronze.GENOMICS_VARIANTS, bronze.GENOMICS_GENOTYPES, bronze.IMAGING_DICOM_HEADERS,
)  # fmt: skip
DERIVED: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "silver.patient_summary": {"conditions": ["derived.ehr"]},
    "silver.labs_harmonised": {},
    "gold.glucose_hourly": {"mean": ["derived.wearable"], "sd": ["derived.wearable"]},
    "gold.glucose_daily": {"mean": ["derived.wearable"], "sd": ["derived.wearable"]},
    "gold.note_features": {"problems": ["derived.notes"], "symptoms": ["derived.notes"]},
    "gold.labs_latest": {"glucose": ["derived.ehr"], "ldh": ["derived.ehr"]},
    "gold.imaging_embeddings": {},
}


@dataclass(frozen=True, slots=True)
class Built:
    """What a run of the pipeline left: its steps in order, and what became of each delivery of readings."""

    steps: tuple[StepResult, ...]
    deliveries: tuple[DeliveryReport, ...]


def build(workshop: Workshop, intake: Intake) -> Built:
    """Run every step, in order."""
    steps = [workshop.land(each) for each in _landings(intake)]
    workshop.progress("land bronze.wearable_cgm")
    deliveries = land_deliveries(workshop.lake, workshop.gateway, intake.batches)
    steps += [_loinc_units(workshop), *build_entities(workshop), *build_imaging(workshop, intake)]
    steps += [workshop.query(workshop.building, sql(name), name, tags) for name, tags in DERIVED.items()]
    steps += [*build_genomic_features(workshop), *build_gwas(workshop, intake.traits)]
    steps += [build_fusion_inputs(workshop)]
    return Built(tuple(steps), deliveries)


def _landings(intake: Intake) -> Iterable[Landing]:
    landed = {each.spec.name for each in intake.landings}
    yield intake.inventory
    yield intake.quarantine
    yield from intake.landings
    yield from (Landing(spec, spec.table([]), ()) for spec in ALWAYS if spec.name not in landed)
    rows = [{"member": CLINICIAN, "patient_id": who} for who in intake.patients[::CARED_FOR]]
    yield Landing(silver.CARE_TEAM, silver.CARE_TEAM.table(rows), intake.layout.fhir[:1])
    modalities = gold.MODALITY_INVENTORY
    yield Landing(modalities, modalities.table(inventory_rows(intake)), intake.layout.objects)


def _loinc_units(workshop: Workshop) -> StepResult:
    with as_file(files("precision_oncology") / "reference" / "loinc_units.csv") as path:
        tags = {name: [HARMLESS] for name in path.read_text("utf-8").splitlines()[0].split(",")}
        name = "ref.loinc_units"
        return import_step(workshop.lake, name, path, by=PIPELINE, tags=tags, modality="reference")
