"""Read a whole delivery before anything is written: one bad file, and the lake stays as it was."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa

from precision_oncology.cohorts import read_cohorts
from precision_oncology.errors import BadFileError
from precision_oncology.landing import Landing
from precision_oncology.layout import DECLARED_BUILDS, Layout
from precision_oncology.links import (
    Link,
    declare_consent,
    declare_links,
    link_of_row,
    settle_links,
)  # fmt: skip
from precision_oncology.readers import cgm, registry
from precision_oncology.readers.dicom import Imaging, read_imaging
from precision_oncology.readers.fhir import read_rows
from precision_oncology.readers.maf import read_maf
from precision_oncology.readers.objects import RawObject, Rejected
from precision_oncology.readers.traits import Traits, read_traits
from precision_oncology.readers.vcf import VcfContent, read_vcf
from precision_oncology.tables import bronze, silver

_UNREAD: Final = "no reader for this kind of file; registered, not read"
Row = dict[str, Any]
RECORDS: Final = {
    "Patient": bronze.EHR_PATIENTS,
    "Condition": bronze.EHR_CONDITIONS,
    "Observation": bronze.EHR_OBSERVATIONS,
    "DocumentReference": bronze.NOTES_RAW,
    **dict.fromkeys(("Encounter", "MedicationRequest", "Procedure", "AllergyIntolerance"), bronze.EHR_EVENTS),
}


@dataclass(frozen=True, slots=True)
class PanelTraits:
    """Traits and covariates of a population panel, and the files that they came from."""

    covariates: Traits
    phenotypes: Traits
    sources: tuple[RawObject, ...]


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that a delivery holds, read and parted into what can land and what cannot."""

    layout: Layout
    landings: tuple[Landing, ...]
    batches: tuple[cgm.Batch, ...]
    imaging: Imaging
    patients: tuple[str, ...]
    traits: PanelTraits | None
    rejected: tuple[Rejected, ...]

    @property
    def inventory(self) -> Landing:
        """The register of raw files, one row to a file."""
        now = datetime.now(UTC).replace(tzinfo=None)
        rows = [_object_row(raw, now) for raw in self.layout.objects]
        return Landing(bronze.RAW_OBJECTS, bronze.RAW_OBJECTS.table(rows), self.layout.objects)

    @property
    def quarantine(self) -> Landing:
        """What was left out, one row to a file or line, with the reason."""
        rows = [_rejected_row(each) for each in self.rejected]
        sources = tuple(dict.fromkeys(each.raw for each in self.rejected))
        return Landing(bronze.QUARANTINE, bronze.QUARANTINE.table(rows), sources)


def read_delivery(layout: Layout) -> Intake:
    """Read every file of a layout.

    Raises:
        BadFileError: A file cannot be read as what it claims to be; nothing has been written yet.
    """
    records = _read_records(layout.fhir)
    patients = records.patients
    genomes = [_read_genome(raw, len(patients)) for raw in layout.genomics]
    imaging = read_imaging(list(layout.imaging))
    batches = (*map(cgm.read_batch, layout.cgm_batches), *_csv_batches(layout.cgm_csv))
    links = _links(layout, patients, genomes, imaging, batches)
    settled, refused = settle_links(links, patients)
    source = layout.links or layout.fhir[:1]
    return Intake(
        layout=layout,
        landings=(
            *records.landings(),
            *_genome_landings(genomes),
            *_somatic(layout.somatic),
            *_headers(imaging),
            *read_cohorts(layout),
            Landing(silver.PATIENT_XREF, silver.PATIENT_XREF.table(link.row() for link in settled), source),
            _consent(layout, patients, source),
        ),
        batches=batches,
        imaging=imaging,
        patients=patients,
        traits=_traits(layout),
        rejected=(
            *records.rejected,
            *imaging.rejected,
            *(Rejected(source[0], reason) for _, reason in refused if source),
            *(
                Rejected(raw, "no reader for this kind of file; registered, not read")
                for raw in layout.unread
            ),
        ),
    )


@dataclass(slots=True)
class _Records:
    """What FHIR files hold, gathered table by table."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    sources: dict[str, list[RawObject]] = field(default_factory=lambda: defaultdict(list))
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def patients(self) -> tuple[str, ...]:
        return tuple(sorted({row["patient_id"] for row in self.rows[bronze.EHR_PATIENTS.name]}))

    def landings(self) -> Iterator[Landing]:
        specs = {spec.name: spec for spec in RECORDS.values()}
        for name, sources in self.sources.items():
            try:
                yield Landing(specs[name], specs[name].table(self.rows[name]), tuple(sources))
            except (pa.ArrowInvalid, pa.ArrowTypeError):
                raise BadFileError(sources[0].path, "an element holds a value of another type") from None


def _read_records(objects: Sequence[RawObject]) -> _Records:
    records = _Records()
    for raw in objects:
        content = read_rows(raw.path)
        records.rejected += [Rejected(raw, reason, line) for line, reason in content.left_out]
        for kind, found in content.rows.items():
            name = RECORDS[kind].name
            records.rows[name] += found
            if raw not in records.sources[name]:
                records.sources[name].append(raw)
    return records


def _read_genome(raw: RawObject, patients: int) -> VcfContent:
    """Read a VCF; with more samples than there are patients it is a population panel, and never linked."""
    return read_vcf(raw, declared_build=DECLARED_BUILDS.get(raw.path.name), cohort_up_to=patients)


def _genome_landings(genomes: Sequence[VcfContent]) -> list[Landing]:
    if not genomes:
        return []
    sources = tuple(genome.raw for genome in genomes)
    variants = pa.concat_tables([genome.variants for genome in genomes])
    genotypes = pa.concat_tables([genome.genotypes for genome in genomes])
    return [
        Landing(bronze.GENOMICS_VARIANTS, variants, sources),
        Landing(bronze.GENOMICS_GENOTYPES, genotypes, sources),
    ]


def _somatic(objects: Sequence[RawObject]) -> list[Landing]:
    if not objects:
        return []
    rows = [row for raw in objects for row in read_maf(raw.path)]
    return [Landing(bronze.SOMATIC_MAF, bronze.SOMATIC_MAF.table(rows), tuple(objects))]


def _headers(imaging: Imaging) -> list[Landing]:
    if not imaging.images:
        return []
    sources = tuple(image.raw for image in imaging.images)
    table = bronze.IMAGING_DICOM_HEADERS.table(image.row for image in imaging.images)
    return [Landing(bronze.IMAGING_DICOM_HEADERS, table, sources)]


def _traits(layout: Layout) -> PanelTraits | None:
    """Read the first panel's traits; without both files there is nothing to test."""
    if not (layout.covariates and layout.phenotypes):
        return None
    covariates, phenotypes = layout.covariates[0], layout.phenotypes[0]
    sources = (covariates, phenotypes)
    return PanelTraits(read_traits(covariates.path), read_traits(phenotypes.path), sources)


def _csv_batches(objects: Sequence[RawObject]) -> list[cgm.Batch]:
    return cgm.batches_of_csv(list(objects)) if objects else []


def _links(
    layout: Layout,
    patients: Sequence[str],
    genomes: Sequence[VcfContent],
    imaging: Imaging,
    batches: Sequence[cgm.Batch],
) -> list[Link]:
    if layout.links:
        return [link for raw in layout.links for link in _read_links(raw)]
    samples = dict.fromkeys(name for genome in genomes if genome.panel == "cohort" for name in genome.samples)
    images = dict.fromkeys(who for image in imaging.images if (who := image.row["PatientID"]))
    participants = sorted({reading["participant_id"] for batch in batches for reading in batch.readings})
    return declare_links(patients, list(samples), list(images), participants)


def _read_links(raw: RawObject) -> list[Link]:
    links = []
    for number, row in enumerate(registry.read_rows(raw.path, registry.XREF_HEADER), 2):
        try:
            links.append(link_of_row(row))
        except ValueError:
            raise BadFileError(
                raw.path, "a link lacks an id or a system, or has no date", line=number
            ) from None
    return links


def _consent(layout: Layout, patients: Sequence[str], source: tuple[RawObject, ...]) -> Landing:
    rows: list[Row] = declare_consent(patients)
    if layout.consent:
        rows = [row for raw in layout.consent for row in registry.read_consent(raw.path)]
    return Landing(silver.CONSENT, silver.CONSENT.table(rows), layout.consent or source)


def _object_row(raw: RawObject, now: datetime) -> Row:
    return {
        "path": str(raw.path), "sha256": raw.sha256, "size": raw.size, "modality": raw.modality,
        "source_system": raw.source_system, "origin": raw.origin, "received_at": now,
        "consent_scope": raw.modality if raw.modality != "registry" else None,
    }  # fmt: skip


def _rejected_row(each: Rejected) -> Row:
    return {
        "path": str(each.raw.path), "sha256": each.raw.sha256, "modality": each.raw.modality,
        "line": each.line, "reason": each.reason,
    }  # fmt: skip
