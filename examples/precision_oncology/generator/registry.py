"""Who is who in which system, and what each patient agreed to, as the hospital's registry would export it."""

import csv
from hashlib import sha256
from pathlib import Path

from precision_oncology.generator.genomics import SAMPLES
from precision_oncology.generator.hazards import MONITORED, SCANNED
from precision_oncology.generator.imaging import local_id
from precision_oncology.generator.people import Person
from precision_oncology.generator.wearables import PARTICIPANTS
from precision_oncology.links import MODALITIES, PURPOSES, Link, is_granted
from precision_oncology.readers.registry import CONSENT_HEADER, XREF_HEADER

SINCE = "2026-01-01"
REVOKED = 9  # planted: this patient's consent to imaging research


def write_registry(folder: Path, people: list[Person]) -> None:
    """Write links and consent; one sample is claimed by two patients, one link names nobody."""
    folder.mkdir(parents=True)
    ids = [person.patient_id for person in people]
    links = [
        *(Link(*pair) for pair in zip(ids, ["lims"] * len(SAMPLES), SAMPLES, strict=False)),
        *(Link(who, "ris", local_id(index)) for index, who in enumerate(ids[-SCANNED:])),
        *(Link(*row) for row in zip(ids[-MONITORED:], ["cgm"] * MONITORED, PARTICIPANTS, strict=True)),
        Link(ids[-1], "lims", SAMPLES[-1]),
        Link("00000000-0000-4000-8000-000000000000", "lims", "S999"),
    ]
    rows = [[link.patient_id, link.system, link.local_id, "synthetic-link", "1.0", SINCE] for link in links]
    _write(folder / "patient_xref.csv", XREF_HEADER, rows)
    _write(
        folder / "consent.csv", CONSENT_HEADER, [row for i, who in enumerate(ids) for row in _consent(i, who)]
    )


def _consent(index: int, patient_id: str) -> list[list[str]]:
    document = sha256(f"consent|{patient_id}".encode()).hexdigest()
    return [
        [patient_id, modality, purpose, _status(index, modality, purpose), SINCE, "", document]
        for modality in MODALITIES
        for purpose in PURPOSES
    ]


def _status(index: int, modality: str, purpose: str) -> str:
    if (index, modality, purpose) == (REVOKED, "imaging", "research"):
        return "revoked"
    return "granted" if is_granted(index, modality, purpose) else "denied"


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink, lineterminator="\n").writerows([header, *rows])
