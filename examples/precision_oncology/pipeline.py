"""From raw files to the inputs of a fusion model: every write is a step with tags, audit and lineage.

Bronze lands what was read, silver and gold are built by the service `pipeline` through the gateway, and
the last
step runs for the purpose `model-training`, so that policy, and not this code, leaves out who did not agree
to it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file, files
from typing import Final

import pyarrow as pa

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.gateway.service import Gateway
from lakeward.gateway.session import Session
from lakeward.gateway.steps import (
    From,
    RawFile,
    StepOutput,
    StepResult,
    TableInput,
    import_step,
    python_step,
    query_step,
)  # fmt: skip
from precision_oncology.deliveries import DeliveryReport, land_deliveries
from precision_oncology.intake import Intake, Landing, PanelTraits
from precision_oncology.readers.objects import RawObject
from precision_oncology.steps.entities import Note, entities_of
from precision_oncology.steps.genomics import genomic_features
from precision_oncology.steps.gwas import associations
from precision_oncology.steps.imaging import FEATURES, feature_rows, selection_rows
from precision_oncology.steps.inventory import inventory_rows
from precision_oncology.tables import bronze, gold, silver
from precision_oncology.tables.spec import HARMLESS, TableSpec

PIPELINE: Final = "pipeline"
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
SNAPSHOTS: Final = {
    "genomics": "gold.genomic_features",
    "imaging": "gold.imaging_embeddings",
    "notes": "gold.note_features",
    "wearables": "gold.glucose_daily",
    "labs": "gold.labs_latest",
}
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the steps work with: the lake, its one door, and the two sessions of the pipeline's service."""

    lake: Lake
    gateway: Gateway
    building: Session
    training: Session
    progress: Progress

    def read(self, query: str) -> pa.Table:
        """Read through the gateway as the pipeline's service, for building features."""
        return self.gateway.execute(self.building, query).table()

    def snapshot(self, table: str) -> int | None:
        """Tell the current snapshot of a table."""
        return self.lake.pin(TableName.parse(table)).snapshot_id


@dataclass(frozen=True, slots=True)
class Built:
    """What a run of the pipeline left: its steps in order, and what became of each delivery of readings."""

    steps: tuple[StepResult, ...]
    deliveries: tuple[DeliveryReport, ...]


def open_workshop(lake: Lake, gateway: Gateway, progress: Progress = lambda _: None) -> Workshop:
    """Open the sessions of the pipeline's service."""
    building = gateway.session(PIPELINE, "feature-building")
    return Workshop(lake, gateway, building, gateway.session(PIPELINE, "model-training"), progress)


def build(workshop: Workshop, intake: Intake) -> Built:
    """Run every step, in order."""
    steps = [land(workshop, each) for each in _landings(intake)]
    workshop.progress("bronze.wearable_cgm")
    deliveries = land_deliveries(workshop.lake, workshop.gateway, intake.batches)
    steps += [_loinc_units(workshop), *_entities(workshop), *_imaging(workshop, intake)]
    steps += [_query(workshop, table, tags) for table, tags in DERIVED.items()]
    steps += [
        *_genomics(workshop),
        *_gwas(workshop, intake.traits),
        _inventory(workshop, intake),
        _fusion(workshop),
    ]
    return Built(tuple(steps), deliveries)


def land(workshop: Workshop, landing: Landing) -> StepResult:
    """Write one table of raw data with its tags, and where each file came from."""
    name = landing.spec.name
    workshop.progress(name)
    output = StepOutput(name, lambda: landing.data, tags=_tags(landing))
    inputs = [raw_file(each) for each in landing.sources]
    return python_step(workshop.lake, f"land {name}", by=PIPELINE, inputs=inputs, outputs=[output])[0]


def raw_file(raw: RawObject) -> RawFile:
    """Name a raw file as an input of a step, by its fingerprint."""
    return RawFile(raw.path, modality=raw.modality, sha256=raw.sha256)


def _landings(intake: Intake) -> Iterable[Landing]:
    landed = {each.spec.name for each in intake.landings}
    yield intake.inventory
    yield intake.quarantine
    yield from intake.landings
    yield from (Landing(spec, spec.table([]), ()) for spec in ALWAYS if spec.name not in landed)
    rows = [{"member": CLINICIAN, "patient_id": who} for who in intake.patients[::CARED_FOR]]
    yield Landing(silver.CARE_TEAM, silver.CARE_TEAM.table(rows), intake.layout.fhir[:1])


def _tags(landing: Landing) -> dict[str, list[str]]:
    """Give the columns' tags, and the origin of the files as a tag of the table."""
    origins = sorted({f"origin.{each.origin}" for each in landing.sources})
    return landing.spec.tags | ({"*": origins} if origins else {})


def _loinc_units(workshop: Workshop) -> StepResult:
    with as_file(files("precision_oncology") / "reference" / "loinc_units.csv") as path:
        names = path.read_text("utf-8").splitlines()[0].split(",")
        tags = {name: [HARMLESS] for name in names}
        return import_step(
            workshop.lake, "ref.loinc_units", path, by=PIPELINE, tags=tags, modality="reference"
        )


def _entities(workshop: Workshop) -> tuple[StepResult, ...]:
    source, people = bronze.NOTES_RAW.name, bronze.EHR_PATIENTS.name
    columns = {
        "note_id": [From(source, "note_id", "IDENTITY")],
        "patient_id": [From(source, "patient_id", "IDENTITY")],
        "day_offset": [From(source, "note_date")],
        "text": [
            From(source, "note_text"),
            From(people, "family", "FILTER"),
            From(people, "given", "FILTER"),
        ],
        "section": [From(source, "note_text")],
    } | {  # words of the lexicon and numbers: the text only decides which
        name: [From(source, "note_text", "CONDITIONAL")]
        for name in ("label", "concept", "begins", "ends", "negated", "family", "hypothetical")
    }
    return _python(workshop, silver.NOTE_ENTITIES, lambda: _entity_table(workshop), [source, people], columns)


def _entity_table(workshop: Workshop) -> pa.Table:
    people = workshop.read(
        "SELECT patient_id, family, given, ssn, mrn, phone FROM bronze.ehr_patients"
    ).to_pylist()
    known = {row.pop("patient_id"): tuple(_words(row.values())) for row in people}
    notes = workshop.read(
        "SELECT note_id, patient_id, note_date, note_text FROM bronze.notes_raw"
    ).to_pylist()
    return silver.NOTE_ENTITIES.table(
        entities_of(
            [
                Note(
                    n["note_id"],
                    n["patient_id"],
                    n["note_date"],
                    n["note_text"],
                    known.get(n["patient_id"], ()),
                )
                for n in notes
            ]
        )
    )


def _words(values: Iterable[str | None]) -> Iterable[str]:
    return (word for value in values if value for word in value.split())


def _imaging(workshop: Workshop, intake: Intake) -> tuple[StepResult, ...]:
    images = intake.imaging.images
    headers, pixels = bronze.IMAGING_DICOM_HEADERS.name, [From(image.raw.path) for image in images]
    selected, described = silver.IMAGING_SERIES_SELECTED, silver.IMAGING_FEATURES
    known = {
        "series_key": [From(headers, "SeriesInstanceUID")],
        "local_id": [From(headers, "PatientID", "IDENTITY")],
    }
    judged = [From(headers, name) for name in ("Modality", "ConvolutionKernel", "SliceThickness", "finding")]
    chosen = {
        "object_sha256": [From(headers, "object_sha256", "IDENTITY")],
        "is_selected": judged,
        "reason": judged,
    }
    outputs = [
        StepOutput(
            selected.name,
            lambda: selected.table(selection_rows(images)),
            columns=known | chosen,
            tags=selected.tags,
        ),
        StepOutput(
            described.name,
            lambda: described.table(feature_rows(images)),
            columns=known
            | {"modality": [From(headers, "Modality", "IDENTITY")]}
            | dict.fromkeys(FEATURES, pixels),
            tags=described.tags,
        ),
    ]
    workshop.progress(described.name)
    inputs = [TableInput(headers), *(raw_file(image.raw) for image in images)]
    return python_step(workshop.lake, "describe images", by=PIPELINE, inputs=inputs, outputs=outputs)


def _genomics(workshop: Workshop) -> tuple[StepResult, ...]:
    source = bronze.GENOMICS_GENOTYPES.name
    query = "SELECT sample_id, variant_key, dosage FROM bronze.genomics_genotypes WHERE panel = 'cohort'"
    columns = {
        each.name: [From(source, "dosage", "AGGREGATION")] for each in gold.GENOMIC_FEATURES.columns[1:]
    } | {"sample_id": [From(source, "sample_id", "IDENTITY")]}
    spec = gold.GENOMIC_FEATURES
    return _python(
        workshop, spec, lambda: spec.table(genomic_features(workshop.read(query))), [source], columns
    )


def _gwas(workshop: Workshop, traits: PanelTraits | None) -> tuple[StepResult, ...]:
    """Test a population panel's variants with its first trait; its people are never linked to patients."""
    if traits is None:
        return ()
    source, spec = bronze.GENOMICS_GENOTYPES.name, gold.GWAS_RESULTS
    query = "SELECT sample_id, variant_key, dosage FROM bronze.genomics_genotypes WHERE panel = 'population'"
    results = [From(source, "dosage", "AGGREGATION"), *(From(raw.path) for raw in traits.sources)]
    columns = dict.fromkeys(("n", "beta", "se", "p", "trait"), results) | {
        "variant_key": [From(source, "variant_key", "IDENTITY")]
    }
    output = StepOutput(
        spec.name,
        lambda: spec.table(associations(workshop.read(query), traits.covariates, traits.phenotypes)),
        columns=columns,
        tags=spec.tags,
    )
    inputs: list[RawFile | TableInput] = [TableInput(source), *map(raw_file, traits.sources)]
    return python_step(workshop.lake, f"build {spec.name}", by=PIPELINE, inputs=inputs, outputs=[output])


def _python(
    workshop: Workshop,
    spec: TableSpec,
    produce: Callable[[], pa.Table],
    sources: Sequence[str],
    columns: Mapping[str, Sequence[From]],
) -> tuple[StepResult, ...]:
    workshop.progress(spec.name)
    inputs = [TableInput(name) for name in sources]
    outputs = [StepOutput(spec.name, produce, columns=columns, tags=spec.tags)]
    return python_step(workshop.lake, f"build {spec.name}", by=PIPELINE, inputs=inputs, outputs=outputs)


def _query(workshop: Workshop, table: str, tags: Mapping[str, Sequence[str]]) -> StepResult:
    workshop.progress(table)
    return query_step(
        workshop.gateway, workshop.building, sql(table), table, tags=tags, name=f"build {table}"
    )


def _inventory(workshop: Workshop, intake: Intake) -> StepResult:
    spec = gold.MODALITY_INVENTORY
    landing = Landing(spec, spec.table(inventory_rows(intake)), intake.layout.objects)
    return land(workshop, landing)


def _fusion(workshop: Workshop) -> StepResult:
    workshop.progress("fusion.inputs")
    ids = {modality: workshop.snapshot(table) for modality, table in SNAPSHOTS.items()}
    literals = {name: "NULL" if snapshot is None else str(snapshot) for name, snapshot in ids.items()}
    query = sql("fusion.inputs").format(**literals, asof=datetime.now().isoformat(" ", "seconds"))  # noqa: DTZ005
    tags = {name: [HARMLESS] for name in ("study_id", "asof", *(f"snapshot_{name}" for name in SNAPSHOTS))}
    return query_step(
        workshop.gateway, workshop.training, query, "fusion.inputs", tags=tags, name="build fusion.inputs"
    )


def sql(table: str) -> str:
    """Read the query that builds a table."""
    return (files("precision_oncology") / "sql" / f"{table}.sql").read_text("utf-8")


__all__ = ["FEATURES", "Built", "Workshop", "build", "land", "open_workshop", "raw_file", "sql"]
