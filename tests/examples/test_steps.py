"""The work of the pipeline on small inputs whose answers can be told by hand."""

# ruff: noqa: DTZ001  (the lake holds times as UTC without a zone)

from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from precision_oncology.links import Link, declare_consent, declare_links, is_granted, settle_links
from precision_oncology.readers.cgm import Batch, batches_of, marked_late
from precision_oncology.readers.dicom import Pixels
from precision_oncology.readers.fhir import day, moment, reference
from precision_oncology.readers.vcf import build_of
from precision_oncology.steps.entities import Note, cover_identifiers, entities_of
from precision_oncology.steps.genomics import genomic_features
from precision_oncology.steps.imaging import FEATURES, features

TEXT = """
# History of Present Illness
Ada Okafor reports fatigue. Denies fever. If nausea develops, return.

# Family History
Mother had anemia.
"""


def note(text: str, *identifiers: str, day: int = 1) -> Note:
    return Note("n1", "p1", datetime(2026, 1, day), text, identifiers)


def test_entities_know_their_context() -> None:
    found = {row["concept"]: row for row in entities_of([note(TEXT)])}
    assert {c: (r["negated"], r["family"], r["hypothetical"]) for c, r in found.items()} == {
        "fatigue": (False, False, False),
        "fever": (True, False, False),
        "nausea": (False, False, True),
        "anemia": (False, True, False),
    }
    fatigue = found["fatigue"]
    assert TEXT[fatigue["begins"] : fatigue["ends"]] == "fatigue"
    assert fatigue["section"] == "History of Present Illness"


def test_entities_count_days_from_the_first_dated_note() -> None:
    undated = Note("n3", "p1", None, "cough")
    rows = entities_of([note("cough", day=9), note("cough", day=2), undated])
    assert [row["day_offset"] for row in rows] == [7, 0, None]


def test_own_identifiers_and_ssns_are_covered_and_offsets_stay() -> None:
    text = "ada OKAFOR, SSN 999-12-3456, has anemia"
    covered = cover_identifiers(note(text, "Ada", "Okafor"))
    assert len(covered) == len(text)
    assert covered.index("anemia") == text.index("anemia")
    assert not [word for word in ("ada", "OKAFOR", "999-12-3456") if word in covered]


def genotypes(*rows: tuple[str, str, int | None]) -> pa.Table:
    names = ("sample_id", "variant_key", "dosage")
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})


def test_genomic_features_count_called_genotypes_only() -> None:
    rows = genomic_features(genotypes(("b", "v1", 2), ("b", "v2", None), ("a", "v1", 0), ("a", "v2", 1)))
    assert [(r["sample_id"], r["burden"], r["called"], r["call_rate"]) for r in rows] == [
        ("a", 1, 2, 1.0),
        ("b", 2, 1, 0.5),
    ]
    assert genomic_features(genotypes()) == []


@pytest.mark.parametrize("plane", [np.random.default_rng(1).normal(0, 1, (32, 32)), np.zeros((32, 32))])
def test_image_features_are_finite_even_for_a_flat_plane(plane: Pixels) -> None:
    measured = features(plane)
    assert len(measured) == len(FEATURES)
    assert np.isfinite(measured).all()


def test_links_with_two_claims_or_nobody_are_refused() -> None:
    links = [
        Link("p1", "lims", "s1"),
        Link("p2", "lims", "s1"),
        Link("p9", "lims", "s2"),
        Link("p1", "cgm", "s1"),
    ]
    settled, refused = settle_links(links, ["p1", "p2"])
    assert settled == [links[3]]
    assert [reason.split(":")[0] for _, reason in refused] == ["conflict", "conflict", "orphan"]


def test_monitors_are_linked_from_the_fourth_patient_on() -> None:
    links = declare_links(["a", "b", "c", "d"], ["s1"], [], ["m1", "m2"])
    assert [(x.patient_id, x.system, x.local_id) for x in links] == [("a", "lims", "s1"), ("d", "cgm", "m1")]


def test_who_agrees_to_training_agrees_to_research() -> None:
    rows = declare_consent([f"p{i}" for i in range(40)])
    training = {
        (r["patient_id"], r["modality"])
        for r in rows
        if (r["purpose"], r["status"]) == ("model-training", "granted")
    }
    research = {
        (r["patient_id"], r["modality"])
        for r in rows
        if (r["purpose"], r["status"]) == ("research", "granted")
    }
    assert training < research
    assert [is_granted(i, "genomics") for i in range(5)] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("header", "build"),
    [
        ("##reference=ftp://x/hs37d5.fa.gz", "GRCh37"),
        ("##reference=GRCh38_full_analysis_set.fa", "GRCh38"),
        ("##contig=<ID=22,length=50818468>", "GRCh38"),
        ("##contig=<ID=22>", None),
        ("##source=hg38 was here", None),
    ],
)
def test_build_comes_from_reference_or_contigs(header: str, build: str | None) -> None:
    assert build_of(header) == build


def test_fhir_times_become_utc_and_partial_dates_their_first_day() -> None:
    assert moment("1976-01-19T22:58:16-05:00") == datetime(1976, 1, 20, 3, 58, 16)
    assert moment("1976-01-19") == datetime(1976, 1, 19)
    assert [str(day(text)) for text in ("1976", "1976-03", "1976-03-04")] == [
        "1976-01-01",
        "1976-03-01",
        "1976-03-04",
    ]
    assert [reference({"reference": r}) for r in ("Patient/a", "urn:uuid:a")] == ["a", "a"]


def batch(name: str, *stamps: int) -> Batch:
    readings = tuple(
        {"participant_id": "m1", "event_ts": datetime(2026, 1, 1, hour), "glucose_mg_dl": 100.0}
        for hour in stamps
    )
    return Batch(name, 1, readings, ())


def test_late_is_below_the_highest_time_of_earlier_batches() -> None:
    marked = list(
        marked_late([batch("b0", 1, 2, 5), batch("b1", 3, 6), batch("b0", 1, 2, 5), batch("b2", 6, 7)])
    )
    seen = [(b.batch_id, [(r["event_ts"].hour, r["is_late"]) for r in readings]) for b, readings in marked]
    assert seen == [
        ("b0", [(1, False), (2, False), (5, False)]),
        ("b1", [(3, True), (6, False)]),
        ("b2", [(7, False)]),  # 6 was delivered before; the replayed b0 changes nothing
    ]


def test_days_become_batches_and_sensors_come_from_the_sixth_on() -> None:
    readings = [("m1", str(datetime(2026, 1, 1 + d, 12)), 100.0) for d in range(7)]
    batches = batches_of(readings)
    assert sum(len(b["readings"]) for b in batches.values()) == 7
    assert {b["schema_version"] for k, b in batches.items() if k >= 5} == {2}
    assert all("sensor_id" in r for k, b in batches.items() if k >= 5 for r in b["readings"])
