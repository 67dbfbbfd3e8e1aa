"""Find the raw files of a folder. Folder names are the contract: a missing one is a missing modality."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from precision_oncology.errors import NoInputError
from precision_oncology.readers import omics, synthea_csv
from precision_oncology.readers.dicom import bundled_files
from precision_oncology.readers.objects import Origin, RawObject, raw_object

SYNTHETIC_FILE: Final = (
    "SYNTHETIC"  # the generator leaves it in what it writes: every file beside it is synthetic
)
_DATA_ENDINGS: Final = (
    ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".json", ".json.gz", ".ndjson", ".ndjson.gz", ".parquet", ".dcm",
    ".vcf", ".vcf.gz", ".vcf.bgz", ".maf", ".maf.gz", ".txt.gz", ".bcf", ".bam", ".svs", ".nii.gz",
)  # fmt: skip
_NOT_DATA: Final = frozenset({"log.ndjson", "metadata.csv"})
SIMULATED: Final = frozenset(
    {"glow_covariates.csv.gz", "glow_continuous-phenotypes.csv.gz", "glow_binary-phenotypes.csv.gz"}
)  # by their README
DECLARED_BUILDS: Final = {"chr22.vcf.gz": "GRCh37"}  # the header is silent; 1000 Genomes phase 1 is GRCh37


@dataclass(frozen=True, slots=True)
class Layout:
    """The raw files of one delivery, by kind, each list in the order of file names."""

    root: Path
    fhir: tuple[RawObject, ...]
    genomics: tuple[RawObject, ...]
    somatic: tuple[RawObject, ...]
    imaging: tuple[RawObject, ...]
    cgm_batches: tuple[RawObject, ...]
    cgm_csv: tuple[RawObject, ...]
    links: tuple[RawObject, ...]
    consent: tuple[RawObject, ...]
    covariates: tuple[RawObject, ...]
    phenotypes: tuple[RawObject, ...]
    csv_records: tuple[RawObject, ...]
    visits: tuple[RawObject, ...]
    omics: tuple[RawObject, ...]
    omics_clinical: tuple[RawObject, ...]
    nodules: tuple[RawObject, ...]
    unread: tuple[RawObject, ...]

    @property
    def objects(self) -> tuple[RawObject, ...]:
        """Every raw file once."""
        return (
            *self.fhir, *self.genomics, *self.somatic, *self.imaging, *self.cgm_batches, *self.cgm_csv,
            *self.links, *self.consent, *self.covariates, *self.phenotypes,
            *self.csv_records, *self.visits, *self.omics, *self.omics_clinical, *self.nodules, *self.unread,
        )  # fmt: skip


def find_files(root: Path, *, bundled_imaging: bool = True) -> Layout:
    """Find and fingerprint the raw files below a folder.

    Args:
        root: The folder given with `--data`, or what the generator wrote.
        bundled_imaging: Whether to take pydicom's public test files when there is no `imaging/*.dcm`.

    Raises:
        NoInputError: Not one file of a known kind.
        BadFileError: A file cannot be read.
    """
    finder = _Finder(root, is_synthetic=(root / SYNTHETIC_FILE).exists())
    imaging = finder.take("imaging", ["imaging"], [".dcm"])
    layout = Layout(
        root=root,
        fhir=finder.take(
            "records", ["ehr_synthea_fhir", "ehr_fhir", "fhir"], [".ndjson", ".ndjson.gz", ".json"]
        ),
        genomics=finder.take("genomics", ["genomics"], [".vcf", ".vcf.gz", ".vcf.bgz"]),
        somatic=finder.take("genomics", ["genomics"], [".maf", ".maf.gz"]),
        imaging=imaging or (_bundled() if bundled_imaging else ()),
        cgm_batches=finder.take("wearables", ["wearables_json", "wearables"], [".json", ".json.gz"]),
        cgm_csv=finder.take(
            "wearables", ["wearables_bigideas", "wearables_csv", "wearables"], [".csv", ".csv.gz"]
        ),
        links=finder.take("registry", ["registry"], ["patient_xref.csv"]),
        consent=finder.take("registry", ["registry"], ["consent.csv"]),
        covariates=finder.take("genomics", ["genomics"], ["_covariates.csv.gz", "_covariates.csv"]),
        phenotypes=finder.take(
            "genomics", ["genomics"], ["_continuous-phenotypes.csv.gz", "_continuous-phenotypes.csv"]
        ),
        csv_records=finder.take("records", ["ehr_synthea_csv", "ehr_csv"], synthea_csv.FILES),
        visits=finder.take("notes", ["notes_aci_bench", "notes_csv"], ["valid.csv", "notes.csv"]),
        omics=finder.take("omics", ["tcga_acc", "omics"], omics.MATRICES),
        omics_clinical=finder.take("omics", ["tcga_acc", "omics"], omics.CLINICAL),
        nodules=finder.take("imaging", ["imaging"], ["_nodule_features.parquet"]),
        unread=(),
    )
    if {each.source_system for each in layout.objects} <= {"pydicom-wheel"}:
        raise NoInputError(root)
    return replace(layout, unread=finder.rest(layout.objects))


@dataclass(frozen=True, slots=True)
class _Finder:
    root: Path
    is_synthetic: bool

    def take(self, modality: str, folders: Iterable[str], endings: Iterable[str]) -> tuple[RawObject, ...]:
        found = [(path, name) for name in folders for path in _files(self.root / name, tuple(endings))]
        return tuple(raw_object(path, modality, name, self.origin(path, name)) for path, name in found)

    def rest(self, taken: Iterable[RawObject]) -> tuple[RawObject, ...]:
        """Fingerprint what else looks like data: nothing is delivered that the register does not know."""
        known = {raw.path for raw in taken}
        found = [path for path in _files(self.root, _DATA_ENDINGS) if path not in known]
        folders = [path.relative_to(self.root).parts[0] for path in found]
        return tuple(
            raw_object(path, "unread", folder, self.origin(path, folder))
            for path, folder in zip(found, folders, strict=True)
            if path.parent != self.root
        )

    def origin(self, path: Path, folder: str) -> Origin:
        """Take a file for real unless the generator or Synthea made it: the strict side to err on."""
        if self.is_synthetic or "synthea" in folder:
            return "synthetic"
        return "simulated" if path.name in SIMULATED else "real"


def _files(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    found = (path for path in folder.rglob("*") if path.is_file() and _is_named(path.name.lower(), endings))
    return sorted(path for path in found if path.name not in _NOT_DATA)


def _is_named(name: str, patterns: tuple[str, ...]) -> bool:
    """Match an ending (`.dcm`, `_covariates.csv`) or else a whole name, in whatever case."""
    return any(name.endswith(each) if each[0] in "._" else name == each for each in patterns)


def _bundled() -> tuple[RawObject, ...]:
    return tuple(raw_object(path, "imaging", "pydicom-wheel", "real") for path in bundled_files())
