"""Find clinical concepts in notes, with their context; cover what names the patient.

A small lexicon, honest about being one: the example shows how entities are governed, not how to find them
all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

LEXICON: Final[Mapping[str, tuple[str, ...]]] = {
    "problem": (
        "adrenocortical carcinoma", "lung adenocarcinoma", "hypertension", "type 2 diabetes",
        "diabetes", "anemia", "bronchitis", "sinusitis", "pharyngitis", "sepsis", "asthma",
        "pneumonia", "prediabetes", "obesity", "hyperlipidemia", "chronic pain", "neuropathy",
        "carcinoma", "cancer", "neoplasm", "laceration", "fracture", "renal disease",
        "heart failure", "stroke", "stress", "social isolation", "infection",
    ),
    "symptom": (
        "fatigue", "cough", "weight loss", "nausea", "vomiting", "night sweats", "chest pain",
        "dyspnea", "fever", "headache", "thirst", "hunger", "blurred vision", "tingling",
        "sore throat", "joint pain", "wheezing",
    ),
    "medication": (
        "cisplatin", "paclitaxel", "metformin", "lisinopril", "mitotane", "pembrolizumab",
        "acetaminophen", "ibuprofen", "amoxicillin", "simvastatin", "insulin", "nitrofurantoin",
        "penicillin", "naproxen", "hydrochlorothiazide", "amlodipine", "carboplatin", "doxorubicin",
        "aspirin",
    ),
    "procedure": (
        "chemotherapy", "radiation therapy", "computed tomography", "biopsy", "colonoscopy",
        "hearing examination", "medication reconciliation", "spirometry", "dialysis", "surgery",
    ),
}  # fmt: skip
COVER: Final = "[PATIENT]"
_LABEL = {term: label for label, terms in LEXICON.items() for term in terms}
_TERM = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _LABEL), key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_HEADING = re.compile(r"^#+ *(.+)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.;\n]")
_NEGATION = re.compile(r"\b(no|not|denies|without|negative for|never)\b", re.IGNORECASE)
_HYPOTHESIS = re.compile(r"\b(if|should|in case|possible|rule out)\b", re.IGNORECASE)
_SSN = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """One note and what its patient's own record says must not stand in it."""

    note_id: str
    patient_id: str
    note_date: datetime | None
    text: str
    identifiers: tuple[str, ...] = ()


def cover_identifiers(note: Note) -> str:
    """Cover the patient's own identifiers and anything like an SSN; lengths, so offsets, stay.

    Names of relatives and staff remain: a documented residual, and the reason why the tag `phi.free_text`
    stays too.
    """
    text = note.text
    for value in sorted(note.identifiers, key=len, reverse=True):
        text = re.sub(
            re.escape(value), lambda m: COVER[: len(m[0])].ljust(len(m[0])), text, flags=re.IGNORECASE
        )
    return _SSN.sub(lambda m: "*" * len(m[0]), text)


def note_entities(note: Note, first_date: datetime | None) -> Iterator[Row]:
    """Find the entities of one note in order; `day_offset` counts from the patient's first dated note."""
    text = cover_identifiers(note)
    headings = [(match.start(), match[1].strip()) for match in _HEADING.finditer(text)]
    offset = (note.note_date - first_date).days if note.note_date and first_date else None
    for match in _TERM.finditer(text):
        section = next((name for start, name in reversed(headings) if start <= match.start()), None)
        before = _sentence_before(text, match.start())
        concept = match[0].lower()
        yield {
            "note_id": note.note_id, "patient_id": note.patient_id,
            "label": _LABEL[concept], "text": match[0], "concept": concept,
            "begins": match.start(), "ends": match.end(), "section": section,
            "negated": bool(_NEGATION.search(before)),
            "family": "family" in (section or "").lower(),
            "hypothetical": bool(_HYPOTHESIS.search(before)),
            "day_offset": offset,
        }  # fmt: skip


def entities_of(notes: list[Note]) -> list[Row]:
    """Find the entities of all notes."""
    first: dict[str, datetime] = {}
    for note in notes:
        if note.note_date:
            first[note.patient_id] = min(note.note_date, first.get(note.patient_id, note.note_date))
    return [row for note in notes for row in note_entities(note, first.get(note.patient_id))]


def _sentence_before(text: str, position: int) -> str:
    start = max(0, position - 200)
    return _SENTENCE_END.split(text[start:position])[-1]
