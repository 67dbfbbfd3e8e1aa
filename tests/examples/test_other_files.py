"""Files of the same kinds with other contents: bundles, plain text, CSV wearables, MAF, panels, no build."""

import json
from pathlib import Path

import pytest

from precision_oncology.errors import BadFileError
from precision_oncology.intake import Intake, read_delivery
from precision_oncology.layout import find_files

VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=1>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{samples}\n"
    "1\t100\t.\tA\t<DEL>\t.\tq10\t.\tGT\t{calls}\n1\t200\trs1\tC\t.\t.\tPASS\t.\tGT\t{calls}\n"
)
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Solo"}], "birthDate": "1990"}


def read(root: Path) -> tuple[Intake, dict[str, list[dict[str, object]]]]:
    intake = read_delivery(find_files(root, bundled_imaging=False))
    return intake, {each.spec.name: each.data.to_pylist() for each in intake.landings}


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_bundles_of_resources(tmp_path: Path) -> None:
    condition = {"resourceType": "Condition", "id": "c1", "subject": {"reference": "urn:uuid:p1"}}
    claim = {"resourceType": "Claim", "id": "x"}
    bundle = {"resourceType": "Bundle", "entry": [{"resource": r} for r in (PATIENT, condition, claim)]}
    put(tmp_path / "fhir" / "p1.json", json.dumps(bundle))
    _, tables = read(tmp_path)
    assert [row["patient_id"] for row in tables["bronze.ehr_conditions"]] == ["p1"]
    assert str(tables["bronze.ehr_patients"][0]["birth_date"]) == "1990-01-01"


def test_plain_vcf_of_an_unknown_build(tmp_path: Path) -> None:
    put(tmp_path / "genomics" / "x.vcf", VCF.format(samples="S1", calls="0/1"))
    put(tmp_path / "fhir" / "Patient.ndjson", json.dumps(PATIENT) + "\n")
    _, tables = read(tmp_path)
    rows = tables["bronze.genomics_variants"]
    assert [(r["build"], r["alt"], r["filter"], r["panel"]) for r in rows] == [
        ("unknown", "<DEL>", "q10", "cohort"),
        ("unknown", "", None, "cohort"),
    ]
    assert [row["local_id"] for row in tables["silver.patient_xref"]] == ["S1"]


def test_more_samples_than_patients_is_a_panel_and_never_linked(tmp_path: Path) -> None:
    put(tmp_path / "genomics" / "x.vcf", VCF.format(samples="S1\tS2", calls="0/1\t1"))
    put(tmp_path / "fhir" / "Patient.ndjson", json.dumps(PATIENT) + "\n")
    _, tables = read(tmp_path)
    assert {row["panel"] for row in tables["bronze.genomics_genotypes"]} == {"population"}
    assert [row["dosage"] for row in tables["bronze.genomics_genotypes"]] == [1, 1, 1, 1]
    assert tables["silver.patient_xref"] == []


@pytest.mark.parametrize("folder", ["wearables_csv", "wearables", "wearables_bigideas"])
def test_wearables_as_csv(tmp_path: Path, folder: str) -> None:
    put(tmp_path / folder / "m7.csv", "timestamp,glucose_value_mg_dl\n2026-01-01 10:00:00,101\n")
    put(tmp_path / folder / "metadata.csv", "\ufeffperson_id,age\nm7,35-65\n")
    intake, _ = read(tmp_path)
    assert [batch.readings[0]["participant_id"] for batch in intake.batches] == ["m7"]
    assert {raw.origin for raw in intake.layout.objects} == {"real"}


def test_mutations_keep_their_columns(tmp_path: Path) -> None:
    header = "Hugo_Symbol Chromosome Start_Position Reference_Allele Tumor_Seq_Allele2 Variant_Classification"
    columns = [*header.split(), "Tumor_Sample_Barcode", "Extra"]
    cells = ["TP53", "17", "7577120", "C", "T", "Missense_Mutation", "TCGA-1", "x"]
    put(
        tmp_path / "genomics" / "x.maf",
        "#version 2.4\n" + "\t".join(columns) + "\n" + "\t".join(cells) + "\n",
    )
    _, tables = read(tmp_path)
    assert tables["bronze.somatic_maf"] == [
        {
            "Tumor_Sample_Barcode": "TCGA-1", "Hugo_Symbol": "TP53", "Chromosome": "17",
            "Start_Position": 7577120, "Reference_Allele": "C", "Tumor_Seq_Allele2": "T",
            "Variant_Classification": "Missense_Mutation", "Protein_Change": None,
        }
    ]  # fmt: skip


def test_synthea_says_of_itself_that_it_is_synthetic(tmp_path: Path) -> None:
    put(tmp_path / "ehr_synthea_fhir" / "Patient.000.ndjson", json.dumps(PATIENT) + "\n")
    assert {raw.origin for raw in find_files(tmp_path, bundled_imaging=False).objects} == {"synthetic"}


def test_vcf_without_genotypes_or_without_samples(tmp_path: Path) -> None:
    head, _, rest = VCF.partition('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
    head += '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    text = head + rest.replace("\tGT\t", "\tDP\t")
    put(tmp_path / "genomics" / "depth.vcf", text.format(samples="S1", calls="12"))
    sites = "##fileformat=VCFv4.2\n##contig=<ID=1>\n"
    sites += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tG\t.\t.\t.\n"
    put(tmp_path / "genomics" / "sites.vcf", sites)
    _, tables = read(tmp_path)
    assert [row["dosage"] for row in tables["bronze.genomics_genotypes"]] == [None, None]
    assert len(tables["bronze.genomics_variants"]) == 3


def test_resources_of_no_use_are_left_out_with_line_and_reason(tmp_path: Path) -> None:
    subject = {"subject": {"reference": "Patient/p1"}}
    linked = {
        "resourceType": "DocumentReference",
        "id": "d1",
        "content": [{"attachment": {"url": "Binary/1"}}],
    }
    pdf = {"resourceType": "DocumentReference", "id": "d2", "content": [{"attachment": {"data": "/9j/4A=="}}]}
    nobody = {"resourceType": "Observation", "id": "o1"}
    lines = [PATIENT, linked | subject, pdf | subject, nobody]
    put(tmp_path / "fhir" / "all.ndjson", "\n".join(map(json.dumps, lines)) + "\n")
    intake, tables = read(tmp_path)
    assert [(each.line, each.reason.split(":")[0]) for each in intake.rejected] == [
        (2, "DocumentReference"),
        (3, "DocumentReference"),
        (4, "Observation"),
    ]
    assert len(tables["bronze.ehr_patients"]) == 1
    assert [row["line"] for row in intake.quarantine.data.to_pylist()] == [2, 3, 4]


def test_element_of_another_type_is_an_error(tmp_path: Path) -> None:
    put(tmp_path / "fhir" / "Patient.ndjson", json.dumps(PATIENT | {"gender": 7}) + "\n")
    with pytest.raises(BadFileError, match=r"^Patient\.ndjson: .*another type"):
        read(tmp_path)


def test_files_in_folders_below(tmp_path: Path) -> None:
    put(tmp_path / "fhir" / "ward" / "Patient.ndjson", json.dumps(PATIENT) + "\n")
    (raw,) = find_files(tmp_path, bundled_imaging=False).objects
    assert raw.source_system == "fhir"
