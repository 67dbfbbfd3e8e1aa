"""A TCGA study as matrices of features by samples, and its clinical sheet."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from precision_oncology.errors import BadFileError
from precision_oncology.readers.objects import text_lines
from precision_oncology.readers.tables import read_table

Row = dict[str, Any]
ASSAYS: Final = {
    "mutations": "mut",
    "rnaseq2genenorm": "rna",
    "rppaarray": "rppa",
    "gistict": "cnv",
    "mirnaseqgene": "mirna",
}
MATRICES: Final = tuple(f"{stem}{ending}" for stem in ASSAYS for ending in (".csv", ".csv.gz"))
CLINICAL: Final = ("clinical_full.csv", "clinical_full.csv.gz")
_PATIENT: Final = 12  # characters of an aliquot's barcode that name the patient
_CLINICAL: Final = (
    "patientID", "years_to_birth", "vital_status", "days_to_death", "days_to_last_followup",
    "pathologic_stage", "gender", "race",
)  # fmt: skip


def read_matrix(path: Path) -> Iterator[Row]:
    """Read a matrix in long form, one row to a feature and patient.

    Raises:
        BadFileError: A row has another length than the header, or a cell is no number.
    """
    assay = ASSAYS[path.name.lower().partition(".")[0]]
    lines = csv.reader(line for _, line in text_lines(path))
    patients = [barcode[:_PATIENT] for barcode in next(lines, [])[1:]]
    for feature, *cells in filter(None, lines):
        try:
            for patient, cell in zip(patients, cells, strict=True):
                value = None if cell in {"", "NA"} else float(cell)
                yield {"patient_barcode": patient, "assay": assay, "feature": feature, "value": value}
        except ValueError:
            fault = "a cell is no number, or the row is not as long as the header"
            raise BadFileError(path, fault, line=lines.line_num) from None


def read_clinical(path: Path) -> Iterator[Row]:
    """Read what the clinical sheet says of each patient.

    Raises:
        BadFileError: A column is missing, or a cell is not what its column holds.
    """
    for cells in read_table(path, _CLINICAL):
        yield {
            "patient_barcode": cells.required("patientID"),
            "pathologic_stage": cells.text("pathologic_stage"),
            "gender": cells.text("gender"),
            "race": cells.text("race"),
            **{name: cells.count(name) for name in _CLINICAL[1:5]},
        }
