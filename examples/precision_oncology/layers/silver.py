"""Silver that needs Python: entities of notes, and images."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa

from lakeward.gateway.steps import From, RawFile, StepOutput, StepResult, TableInput
from precision_oncology.intake import Intake
from precision_oncology.layers.workshop import Columns, Workshop, raw_file
from precision_oncology.readers.dicom import Image
from precision_oncology.steps.entities import Note, entities_of
from precision_oncology.steps.imaging import FEATURES, feature_rows, selection_rows
from precision_oncology.tables import bronze, silver

_HEADERS: Final = bronze.IMAGING_DICOM_HEADERS.name
_VERDICT: Final = [
    From(_HEADERS, name) for name in ("Modality", "ConvolutionKernel", "SliceThickness", "finding")
]
_KNOWN: Final = {
    "series_key": [From(_HEADERS, "SeriesInstanceUID")],
    "local_id": [From(_HEADERS, "PatientID", "IDENTITY")],
}
_JUDGED: Final = _KNOWN | {
    "object_sha256": [From(_HEADERS, "object_sha256", "IDENTITY")],
    "is_selected": _VERDICT,
    "reason": _VERDICT,
}


def build_entities(workshop: Workshop) -> tuple[StepResult, ...]:
    """Find clinical concepts in the notes."""
    source, people = bronze.NOTES_RAW.name, bronze.EHR_PATIENTS.name
    columns = {
        "note_id": [From(source, "note_id", "IDENTITY")],
        "patient_id": [From(source, "patient_id", "IDENTITY")],
        "day_offset": [From(source, "note_date")],
        "text": [
            From(source, "note_text"),
            From(people, "family", "FILTER"),
            From(people, "given", "FILTER"),
        ],
        "section": [From(source, "note_text")],
    } | {  # words of the lexicon and numbers: the text only decides which
        name: [From(source, "note_text", "CONDITIONAL")]
        for name in ("label", "concept", "begins", "ends", "negated", "family", "hypothetical")
    }
    return workshop.derive(silver.NOTE_ENTITIES, lambda: _entity_table(workshop), [source, people], columns)


def _entity_table(workshop: Workshop) -> pa.Table:
    people = workshop.read("SELECT patient_id, family, given, ssn, mrn, phone FROM bronze.ehr_patients")
    notes = workshop.read("SELECT note_id, patient_id, note_date, note_text FROM bronze.notes_raw")
    known = {row.pop("patient_id"): tuple(_words(row.values())) for row in people.to_pylist()}
    return silver.NOTE_ENTITIES.table(entities_of([_note(row, known) for row in notes.to_pylist()]))


def _note(row: dict[str, Any], known: Mapping[str, tuple[str, ...]]) -> Note:
    who = row["patient_id"]
    return Note(row["note_id"], who, row["note_date"], row["note_text"], known.get(who, ()))


def _words(values: Iterable[str | None]) -> Iterable[str]:
    return (word for value in values if value for word in value.split())


def build_imaging(workshop: Workshop, intake: Intake) -> tuple[StepResult, ...]:
    """Judge every series, and describe those that can be compared by numbers taken from their pixels."""
    images = intake.imaging.images
    selected, described = silver.IMAGING_SERIES_SELECTED, silver.IMAGING_FEATURES
    outputs = [
        StepOutput(selected.name, lambda: selected.table(selection_rows(images)), _JUDGED, selected.tags),
        StepOutput(
            described.name, lambda: described.table(feature_rows(images)), _described(images), described.tags
        ),
    ]
    inputs: list[RawFile | TableInput] = [TableInput(_HEADERS), *(raw_file(image.raw) for image in images)]
    return workshop.run("describe images", inputs, outputs)


def _described(images: Iterable[Image]) -> Columns:
    pixels = [From(image.raw.path) for image in images]
    return _KNOWN | {"modality": [From(_HEADERS, "Modality", "IDENTITY")]} | dict.fromkeys(FEATURES, pixels)
