"""A bad file is one clear error with file and line, or left out with a reason; no text holds a value."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest

from precision_oncology.errors import BadFileError, NoInputError
from precision_oncology.intake import read_delivery
from precision_oncology.layout import find_files


@pytest.fixture
def delivery(hospital: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(hospital, tmp_path / "delivery"))


def truncated_vcf(root: Path) -> None:
    path = root / "genomics" / "cohort.vcf.gz"
    path.write_bytes(path.read_bytes()[:-4000])


def vcf_without_end_block(root: Path) -> None:
    path = root / "genomics" / "cohort.vcf.gz"
    path.write_bytes(path.read_bytes()[:-28])


def plain_vcf_cut_in_a_line(root: Path) -> None:
    packed = root / "genomics" / "cohort.vcf.gz"
    text = gzip.decompress(packed.read_bytes())
    packed.unlink()
    (root / "genomics" / "cohort.vcf").write_bytes(text[: len(text) // 2])


def not_a_vcf(root: Path) -> None:
    (root / "genomics" / "a.vcf").write_text("Okafor was here\n")


def empty_vcf(root: Path) -> None:
    (root / "genomics" / "a.vcf").write_text("")


def malformed_fhir_line(root: Path) -> None:
    path = root / "ehr_synthea_fhir" / "Patient.000.ndjson.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    lines[4] = lines[4][:50] + b"\n"
    path.write_bytes(gzip.compress(b"".join(lines)))


def patient_without_id(root: Path) -> None:
    path = root / "ehr_synthea_fhir" / "Patient.000.ndjson.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    lines[2] = b'{"resourceType":"Patient","name":[{"family":"Okafor"}]}\n'
    path.write_bytes(gzip.compress(b"".join(lines)))


def truncated_gzip(root: Path) -> None:
    path = root / "ehr_synthea_fhir" / "DocumentReference.000.ndjson.gz"
    path.write_bytes(path.read_bytes()[:-200])


def changed_cgm_schema(root: Path) -> None:
    path = root / "wearables_json" / "b0002.json"
    batch = json.loads(path.read_text())
    batch["readings"][0]["glucose_mmol_l"] = batch["readings"][0].pop("glucose_mg_dl")
    path.write_text(json.dumps(batch))


def cgm_version_3(root: Path) -> None:
    path = root / "wearables_json" / "b0002.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 3}))


def ragged_csv(root: Path) -> None:
    (root / "wearables_bigideas").mkdir()
    text = "timestamp,glucose_value_mg_dl\n2020-02-13 17:23:32,61.0\n2020-02-13 17:28:32,59.0,Okafor\n"
    (root / "wearables_bigideas" / "001.csv").write_text(text)


def ragged_registry(root: Path) -> None:
    path = root / "registry" / "consent.csv"
    path.write_text(path.read_text() + "Okafor,genomics\n")


@pytest.mark.parametrize(
    ("spoil", "where", "why"),
    [
        (truncated_vcf, "cohort.vcf.gz", "cut short"),
        (vcf_without_end_block, "cohort.vcf.gz", "cut short"),
        (plain_vcf_cut_in_a_line, "cohort.vcf", "cut short"),
        (not_a_vcf, "a.vcf", "not a VCF file"),
        (empty_vcf, "a.vcf", "empty"),
        (malformed_fhir_line, "Patient.000.ndjson.gz:5", "malformed"),
        (patient_without_id, "Patient.000.ndjson.gz:3", "required element"),
        (truncated_gzip, "DocumentReference.000.ndjson.gz:", "cut short"),
        (changed_cgm_schema, "b0002.json", "changed: reading 1"),
        (cgm_version_3, "b0002.json", "changed"),
        (ragged_csv, "001.csv:3", "3 cells where the header has 2"),
        (ragged_registry, "consent.csv:402", "2 cells"),
    ],
)
def test_bad_file_is_named(
    delivery: Path, spoil: Callable[[Path], None], where: str, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    spoil(delivery)
    with pytest.raises(BadFileError) as caught:
        read_delivery(find_files(delivery))
    assert caught.value.message.startswith(where)
    assert why in caught.value.message
    assert "Okafor" not in caught.value.message
    assert capfd.readouterr().err == ""  # htslib's own words quote positions


def test_dicom_without_pixels_keeps_its_header(delivery: Path) -> None:
    path = delivery / "imaging" / "ct_000.dcm"
    scan = pydicom.dcmread(path)
    del scan.PixelData
    scan.save_as(path)
    image = read_delivery(find_files(delivery)).imaging.images[0]
    assert (image.row["finding"], image.has_pixels) == ("no pixel data", False)


def test_folder_without_input(tmp_path: Path) -> None:
    with pytest.raises(NoInputError):
        find_files(tmp_path)


@pytest.mark.parametrize("missing", ["ehr_synthea_fhir", "genomics", "imaging", "wearables_json", "registry"])
def test_missing_folder_is_a_missing_modality(delivery: Path, missing: str) -> None:
    shutil.rmtree(delivery / missing)
    layout = find_files(delivery)
    assert missing not in {raw.source_system for raw in layout.objects}
    assert read_delivery(layout).landings


def maf_without_a_column(root: Path) -> None:
    (root / "genomics" / "x.maf").write_text("#v2.4\nHugo_Symbol\tChromosome\nTP53\t17\n")


def ragged_maf(root: Path) -> None:
    header = "Tumor_Sample_Barcode Hugo_Symbol Chromosome Start_Position Reference_Allele Tumor_Seq_Allele2"
    columns = [*header.split(), "Variant_Classification", "Protein_Change"]
    (root / "genomics" / "x.maf").write_text("#v2.4\n" + "\t".join(columns) + "\nOkafor\tTP53\n")


@pytest.mark.parametrize(("spoil", "where"), [(maf_without_a_column, "x.maf:2"), (ragged_maf, "x.maf:3")])
def test_bad_maf_is_named(delivery: Path, spoil: Callable[[Path], None], where: str) -> None:
    spoil(delivery)
    with pytest.raises(BadFileError) as caught:
        read_delivery(find_files(delivery))
    assert caught.value.message.startswith(where)
