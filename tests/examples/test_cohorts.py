"""Cohorts beside the hospital: their files, their faults, and that nobody is linked to them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precision_oncology.cohorts import read_cohorts
from precision_oncology.errors import BadFileError
from precision_oncology.intake import read_delivery
from precision_oncology.layout import Layout, find_files

FILES = {
    "ehr_csv/patients.csv": (
        "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,FIRST,LAST,GENDER,ADDRESS,CITY,STATE,ZIP,LAT,LON\n"
        "c1,1950-02-03,,999-12-3456,,,Ana,Ruiz,F,1 Elm St,Salem,Massachusetts,01970,42.5,-70.9\n"
    ),
    "ehr_csv/observations.csv": (
        "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n"
        "2024-01-02T03:04:05Z,c1,e1,laboratory,2339-0,Glucose,95.5,mg/dL,numeric\n"
        "2024-01-02T03:04:05Z,c1,e1,survey,72166-2,Smoking status,Never smoker,,text\n"
    ),
    "notes_csv/notes.csv": 'dataset,encounter_id,dialogue,note\nd,v1,"hello\nagain",a note\n',
    "omics/RNASeq2GeneNorm.csv": '"","TCGA-AA-0001-01A","TCGA-AA-0002-01A"\n"TP53",1.5,NA\n',
    "omics/clinical_full.csv": (
        "patientID,years_to_birth,vital_status,days_to_death,days_to_last_followup,pathologic_stage,gender,race\n"
        "TCGA-AA-0001,58,1,1355,NA,stage ii,male,white\n"
    ),
    "omics/slides.svs": "not read by anyone",
}


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def layout(folder: Path) -> Layout:
    return find_files(folder, bundled_imaging=False)


def test_each_cohort_has_tables_of_its_own(delivery: Path) -> None:
    tables = {each.spec.name: each.data.to_pylist() for each in read_cohorts(layout(delivery))}
    assert tables["bronze.ehr_csv_patients"][0]["zip"] == "01970"
    assert [row["value"] for row in tables["bronze.ehr_csv_observations"]] == [95.5, None]
    assert tables["bronze.visit_notes"][0]["dialogue"] == "hello\nagain"
    assert [(row["patient_barcode"], row["value"]) for row in tables["bronze.omics_matrix"]] == [
        ("TCGA-AA-0001", 1.5),
        ("TCGA-AA-0002", None),
    ]
    assert tables["bronze.omics_clinical"][0]["days_to_last_followup"] is None


def test_nobody_is_linked_to_a_cohort(delivery: Path) -> None:
    intake = read_delivery(layout(delivery))
    xref = next(each for each in intake.landings if each.spec.name == "silver.patient_xref")
    assert intake.patients == ()
    assert xref.data.num_rows == 0


def test_a_file_that_nothing_reads_is_registered_and_said(delivery: Path) -> None:
    intake = read_delivery(layout(delivery))
    assert [each.raw.path.name for each in intake.rejected] == ["slides.svs"]
    paths = {Path(path).name for path in intake.inventory.data["path"].to_pylist()}
    assert paths == {Path(name).name for name in FILES}


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        ("ehr_csv/patients.csv", "1950-02-03", "in May", "patients.csv:2: column BIRTHDATE is no date"),
        ("ehr_csv/patients.csv", "c1,", ",", "patients.csv:2: column Id is empty"),
        ("ehr_csv/patients.csv", ",SSN,", ",SOCIAL,", "patients.csv:1: the header lacks SSN"),
        ("ehr_csv/observations.csv", "95.5", "high", "observations.csv:2: column VALUE is no number"),
        ("ehr_csv/observations.csv", "mg/dL,numeric", "mg/dL", "observations.csv:2: 8 cells where"),
        ("omics/RNASeq2GeneNorm.csv", ",1.5,", ",", "RNASeq2GeneNorm.csv:2: a cell is no number"),
        (
            "omics/clinical_full.csv",
            "1355",
            "forever",
            "clinical_full.csv:2: column days_to_death is no number",
        ),
    ],
)
def test_a_fault_names_file_line_and_column(
    delivery: Path, name: str, old: str, new: str, where: str
) -> None:
    path = delivery / name
    path.write_text(FILES[name].replace(old, new, 1), "utf-8")
    with pytest.raises(BadFileError) as raised:
        read_cohorts(layout(delivery))
    assert where in str(raised.value)
    assert all(cell not in str(raised.value) for cell in ("in May", "high", "forever"))


def test_nodules_of_another_shape_are_refused(delivery: Path) -> None:
    folder = delivery / "imaging"
    folder.mkdir()
    pq.write_table(pa.table({"annotation_id": [1]}), folder / "x_nodule_features.parquet")
    with pytest.raises(BadFileError, match="columns of annotated nodules"):
        read_cohorts(layout(delivery))
