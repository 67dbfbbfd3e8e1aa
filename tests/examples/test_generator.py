"""The generated hospital: the same bytes for the same seed, and every hazard where it was planted."""

import hashlib
from collections import Counter
from pathlib import Path

import pydicom
import pytest

from precision_oncology.generator import hazards
from precision_oncology.generator.hospital import generate
from precision_oncology.intake import Intake, read_delivery
from precision_oncology.layout import find_files
from precision_oncology.readers.cgm import marked_late


def fingerprints(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_same_seed_writes_same_bytes(hospital: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again")
    assert fingerprints(tmp_path / "again") == fingerprints(hospital)


def test_another_seed_writes_other_people(hospital: Path, tmp_path: Path) -> None:
    generate(tmp_path / "other", seed=8)
    mine, other = fingerprints(hospital), fingerprints(tmp_path / "other")
    patients = "ehr_synthea_fhir/Patient.000.ndjson.gz"
    assert mine.keys() == other.keys()
    assert mine[patients] != other[patients]


@pytest.fixture(scope="module")
def intake(hospital: Path) -> Intake:
    return read_delivery(find_files(hospital))


def rows(intake: Intake, table: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = next(
        each.data for each in intake.landings if each.spec.name == table
    ).to_pylist()
    return found


def test_default_size(intake: Intake) -> None:
    counts = {each.spec.name: each.data.num_rows for each in intake.landings}
    assert counts == {
        "bronze.ehr_patients": 40,
        "bronze.ehr_conditions": 120,
        "bronze.ehr_observations": 240,
        "bronze.notes_raw": 400,
        "bronze.genomics_variants": 2_000,
        "bronze.genomics_genotypes": 60_000,
        "bronze.imaging_dicom_headers": 24,
        "silver.patient_xref": 73,
        "silver.consent": 400,
    }
    assert {raw.origin for raw in intake.layout.objects} == {"synthetic"}


def test_people_bear_the_planted_hazards(intake: Intake) -> None:
    people = rows(intake, "bronze.ehr_patients")
    names = Counter((p["family"], p["given"]) for p in people)
    planted = {
        "zip-00000": sum(p["zip"] == "00000" for p in people),
        "person-over-89": sum(str(p["birth_date"]) < "1936" for p in people),
        "apostrophe-in-name": sum("'" in str(p["family"]) for p in people),
        "non-ascii-name": sum(not str(p["family"]).isascii() for p in people),
        "shared-name": sum(count for count in names.values() if count > 1),
        "mrn-equals-patient-id": sum(p["mrn"] == p["patient_id"] for p in people),
    }
    assert planted == {name: hazards.PLANTED[name] for name in planted}


def test_records_bear_the_planted_hazards(intake: Intake) -> None:
    ssn = {str(p["patient_id"]): str(p["ssn"]) for p in rows(intake, "bronze.ehr_patients")}
    notes, labs = rows(intake, "bronze.notes_raw"), rows(intake, "bronze.ehr_observations")
    assert sum(ssn[str(n["patient_id"])] in str(n["note_text"]) for n in notes) == 1
    assert sum(n["note_date"] is None for n in notes) == 1
    assert sum(lab["unit"] == "mmol/L" for lab in labs) == hazards.PLANTED["glucose-in-mmol"]
    consent = Counter(str(c["status"]) for c in rows(intake, "silver.consent"))
    assert consent["revoked"] == hazards.PLANTED["revoked-consent"]


def test_genotypes_bear_the_planted_hazards(intake: Intake) -> None:
    variants = rows(intake, "bronze.genomics_variants")
    multi, half = variants[100], variants[101]
    assert [v["variant_key"] for v in variants if "," in str(v["alt"])] == [multi["variant_key"]]
    dosage = {
        (g["variant_key"], g["sample_id"]): g["dosage"] for g in rows(intake, "bronze.genomics_genotypes")
    }
    assert dosage[multi["variant_key"], "S000"] == 2  # 1/2: two alleles that are not the reference
    assert dosage[half["variant_key"], "S000"] is None  # ./1: nobody knows


def test_images_bear_the_planted_hazards(intake: Intake, hospital: Path) -> None:
    headers = rows(intake, "bronze.imaging_dicom_headers")
    assert sum(h["ConvolutionKernel"] is None for h in headers) == 1
    assert sum(h["SliceThickness"] == "5.0" for h in headers) == 1
    assert [h["finding"] for h in headers if h["finding"]] == ["the pixel data is cut short"]
    private = [
        p
        for p in (hospital / "imaging").glob("ct_*.dcm")
        if any(e.tag.is_private for e in pydicom.dcmread(p))
    ]
    assert len(private) == 1
    assert not [name for name in headers[0] if "VENDOR" in name]


def test_deliveries_bear_the_planted_hazards(intake: Intake) -> None:
    ids = Counter(batch.batch_id for batch in intake.batches)
    fresh = [reading for _, readings in marked_late(intake.batches) for reading in readings]
    assert [name for name, count in ids.items() if count > 1] == ["b0003"]
    assert len(fresh) == 20 * 7 * 288 + 12
    assert sum(not 40 <= r["glucose_mg_dl"] <= 400 for r in fresh) == 1
    assert 0 < sum(r["is_late"] for r in fresh) < 0.1 * len(fresh)
    assert {r["batch_id"] for r in fresh if "sensor_id" in r} == {"b0005", "b0006", "b0007", "b0008"}


def test_what_cannot_land_says_why(intake: Intake) -> None:
    reasons = Counter(each.reason.split(":")[0] for each in intake.rejected)
    assert reasons == {
        "not a DICOM file": 1,
        "this SOPInstanceUID was already read from another file": 1,
        "conflict": 2,
        "orphan": 1,
    }
