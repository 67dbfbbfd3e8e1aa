"""The figures of the real files, when they lie beside the repository."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from precision_oncology.intake import Intake, read_delivery
from precision_oncology.layout import find_files
from precision_oncology.readers.cgm import marked_late
from precision_oncology.steps.imaging import selection_rows

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def intake(real: Path) -> Intake:
    return read_delivery(find_files(real))


@pytest.fixture(scope="module")
def tables(intake: Intake) -> Tables:
    return {each.spec.name: each.data for each in intake.landings}


def test_genotypes(tables: Tables) -> None:
    genotypes, variants = tables["bronze.genomics_genotypes"], tables["bronze.genomics_variants"]
    for panel, variant_rows, dosage in (
        ("cohort", 10_376, {0: 46_735, 1: 3_717, 2: 1_428}),
        ("population", 13, {0: 32_451, 1: 100, 2: 1}),
    ):
        mine = genotypes.filter(pc.equal(genotypes["panel"], panel))
        assert Counter(mine["dosage"].to_pylist()) == dosage
        assert pc.sum(pc.equal(variants["panel"], panel)).as_py() == variant_rows
    cohort = variants.filter(pc.equal(variants["panel"], "cohort"))
    assert cohort["rsid"].null_count == 950
    assert set(variants["build"].to_pylist()) == {"GRCh37"}


def test_records(tables: Tables) -> None:
    patients = tables["bronze.ehr_patients"].to_pylist()
    assert len(patients) == 9
    assert sum(p["deceased"] is not None for p in patients) == 2
    assert sum(p["birth_date"].year == 1927 for p in patients) == 2
    assert sum(p["drivers"] is not None and p["passport"] is not None for p in patients) == 8
    assert all(p["mrn"] == p["patient_id"] for p in patients)
    assert tables["bronze.ehr_conditions"].num_rows == 494
    assert Counter(tables["bronze.ehr_events"]["resource"].to_pylist()) == {
        "Encounter": 1_057,
        "MedicationRequest": 1_623,
        "Procedure": 1_831,
        "AllergyIntolerance": 8,
    }


def test_every_note_names_its_own_patient(tables: Tables) -> None:
    given = {p["patient_id"]: p["given"].split()[0] for p in tables["bronze.ehr_patients"].to_pylist()}
    notes = tables["bronze.notes_raw"].to_pylist()
    assert len(notes) == 1_057
    assert all(given[note["patient_id"]] in note["note_text"] for note in notes)


def test_glucose_deliveries(intake: Intake) -> None:
    fresh = [reading for _, readings in marked_late(intake.batches) for reading in readings]
    assert len(intake.batches) == 12
    assert len(fresh) == 26_291
    assert len(intake.batches[3].readings) == 3_159
    assert sum(r["is_late"] for r in fresh) == 758
    assert sum("sensor_id" in r for r in fresh) == 12_567
    assert (min(r["glucose_mg_dl"] for r in fresh), max(r["glucose_mg_dl"] for r in fresh)) == (46, 237)
    assert len({r["participant_id"] for r in fresh}) == 11


def test_bundled_images_stand_in_and_none_is_comparable(intake: Intake) -> None:
    reasons = {row["reason"] for row in selection_rows(intake.imaging.images)}
    assert {raw.source_system for raw in intake.layout.imaging} == {"pydicom-wheel"}
    assert reasons == {"a CT thicker than 3 mm", "the modality is not CT"}
    assert [i.row["finding"] for i in intake.imaging.images].count("the birth date is implausible") == 1


def test_links_and_consent(tables: Tables) -> None:
    links, consent = tables["silver.patient_xref"].to_pylist(), tables["silver.consent"].to_pylist()
    granted = {
        modality: {c["patient_id"] for c in consent
                   if (c["modality"], c["purpose"], c["status"]) == (modality, "research", "granted")}
        for modality in ("genomics", "wearables")
    }  # fmt: skip
    linked = {s: {x["patient_id"] for x in links if x["system"] == s} for s in ("lims", "cgm")}
    assert (len(linked["lims"]), len(linked["cgm"])) == (5, 6)
    genomics, wearables = linked["lims"] & granted["genomics"], linked["cgm"] & granted["wearables"]
    assert (len(genomics), len(wearables), len(genomics & wearables)) == (3, 5, 1)
    assert {x["method"] for x in links} == {"synthetic-link"}


def test_cohorts_beside_the_hospital(tables: Tables) -> None:
    assert tables["bronze.ehr_csv_patients"].num_rows == 18
    assert tables["bronze.ehr_csv_observations"].num_rows == 589
    assert tables["bronze.visit_notes"].num_rows == 13
    matrix = (
        tables["bronze.omics_matrix"].group_by("assay").aggregate([("patient_barcode", "count_distinct")])
    )
    people = dict(
        zip(matrix["assay"].to_pylist(), matrix["patient_barcode_count_distinct"].to_pylist(), strict=True)
    )
    assert people == {"rna": 79, "mirna": 80, "cnv": 90, "rppa": 46, "mut": 90}
    clinical = tables["bronze.omics_clinical"]
    assert (clinical.num_rows, pc.sum(clinical["vital_status"]).as_py()) == (92, 34)
    nodules = tables["bronze.imaging_nodules"]
    assert (nodules.num_rows, pc.count_distinct(nodules["patient_id"]).as_py()) == (4_529, 583)


def test_no_person_stands_in_two_cohorts(tables: Tables) -> None:
    hospital = set(tables["bronze.ehr_patients"]["patient_id"].to_pylist())
    linked = set(tables["silver.patient_xref"]["local_id"].to_pylist())
    for name, key in (("ehr_csv_patients", "patient_id"), ("omics_clinical", "patient_barcode")):
        others = set(tables[f"bronze.{name}"][key].to_pylist())
        assert others
        assert not others & (hospital | linked)
