"""The hospital's records as a FHIR R4 bulk export: patients, conditions, labs and notes."""

import base64
import gzip
import json
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np

from precision_oncology.generator.hazards import NOTES, PATIENTS, PATIENTS_WITHOUT_NOTES
from precision_oncology.generator.notes import write_note
from precision_oncology.generator.people import LAST_DAY, Person

Resource = dict[str, Any]
LABS: Final = {  # LOINC: (name, unit, mean, standard deviation)
    "2345-7": ("Glucose", "mg/dL", 105.0, 18.0),
    "2160-0": ("Creatinine", "mg/dL", 0.95, 0.2),
    "718-7": ("Hemoglobin", "g/dL", 13.2, 1.4),
    "14804-9": ("Lactate dehydrogenase", "U/L", 190.0, 45.0),
    "2039-6": ("Carcinoembryonic antigen", "ng/mL", 3.0, 1.2),
    "17861-6": ("Calcium", "mg/dL", 9.4, 0.5),
}
SNOMED: Final = {
    "93655004": "Malignant neoplasm of adrenal cortex (disorder)",
    "254626006": "Adenocarcinoma of lung (disorder)",
    "59621000": "Essential hypertension (disorder)",
    "44054006": "Diabetes mellitus type 2 (disorder)",
    "271737000": "Anemia (disorder)",
}
MMOL_PER_MG: Final = 18.0156  # glucose: mmol/L times this is mg/dL


def write_ehr(folder: Path, people: list[Person], rng: np.random.Generator) -> None:
    """Write the export, one file to a kind of resource."""
    folder.mkdir(parents=True)
    for kind, resources in {
        "Patient": [_patient(each) for each in people],
        "Condition": [_condition(each, k, rng) for each in people for k in range(3)],
        "Observation": [_lab(each, loinc, rng) for each in people for loinc in LABS],
        "DocumentReference": _notes(people, rng),
    }.items():
        write_ndjson(folder / f"{kind}.000.ndjson.gz", resources)


def write_ndjson(path: Path, rows: Iterable[Resource]) -> None:
    """Write newline JSON, gzip, without a time or name in its header: equal rows give equal bytes."""
    with path.open("wb") as sink, gzip.GzipFile(filename="", fileobj=sink, mode="wb", mtime=0) as packed:
        packed.writelines((json.dumps(row, separators=(",", ":")) + "\n").encode() for row in rows)


def _patient(person: Person) -> Resource:
    given = {"resourceType": "Patient", "id": person.patient_id, "identifier": _identifiers(person)}
    born = {"gender": person.gender, "birthDate": person.birth_date.isoformat()}
    died = {"deceasedDateTime": f"{person.deceased.isoformat()}T08:00:00Z"} if person.deceased else {}
    return given | born | died | {
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "telecom": [{"system": "phone", "value": f"555-01{person.number:02d}"}],
        "address": [_address(person)],
    }  # fmt: skip


def _identifiers(person: Person) -> list[Resource]:
    codes = {"MR": person.mrn, "SS": person.ssn}
    if person.has_licence:
        codes |= {"DL": f"S999{person.number:05d}", "PPN": f"X{person.number:08d}X"}
    return [{"type": {"coding": [{"code": code}]}, "value": value} for code, value in codes.items()]


def _address(person: Person) -> Resource:
    place = [
        {"url": "latitude", "valueDecimal": 38.4 + person.number / 1000},
        {"url": "longitude", "valueDecimal": -96.2 - person.number / 1000},
    ]
    return {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/geolocation", "extension": place}],
        "line": [f"{100 + person.number} Abernathy Landing"],
        "city": person.city, "state": person.state, "postalCode": person.zip,
    }  # fmt: skip


def _condition(person: Person, index: int, rng: np.random.Generator) -> Resource:
    code = list(SNOMED)[int(rng.integers(len(SNOMED)))]
    onset = _day(rng)
    return {
        "resourceType": "Condition", "id": _id(1, person.number * 10 + index),
        "subject": _subject(person), "code": {"coding": [{"code": code, "display": SNOMED[code]}]},
        "onsetDateTime": f"{onset}T09:30:00-05:00", "recordedDate": f"{onset}T09:45:00-05:00",
    }  # fmt: skip


def _lab(person: Person, loinc: str, rng: np.random.Generator) -> Resource:
    name, unit, mean, spread = LABS[loinc]
    value = round(float(rng.normal(mean, spread)), 2)
    if loinc == "2345-7" and person.number in {8, 18, 28}:  # planted: the same lab in another unit
        value, unit = round(value / MMOL_PER_MG, 2), "mmol/L"
    return {
        "resourceType": "Observation", "id": _id(2, person.number * 10 + list(LABS).index(loinc)),
        "subject": _subject(person), "code": {"coding": [{"code": loinc, "display": name}]},
        "valueQuantity": {"value": value, "unit": unit}, "effectiveDateTime": f"{_day(rng)}T07:00:00-05:00",
    }  # fmt: skip


def _notes(people: list[Person], rng: np.random.Generator) -> list[Resource]:
    writing = people[: PATIENTS - PATIENTS_WITHOUT_NOTES]
    return [_note(number, writing[number % len(writing)], rng) for number in range(NOTES)]


def _note(number: int, person: Person, rng: np.random.Generator) -> Resource:
    on = _day(rng)
    extra = f" SSN {person.ssn}; sister Wilhelmina called." if number == 10 else ""  # noqa: PLR2004  # planted
    dated = {} if number == 11 else {"date": f"{on}T10:15:00-05:00"}  # noqa: PLR2004  # planted
    data = base64.b64encode(write_note(person, on, rng, extra=extra).encode()).decode()
    return {
        "resourceType": "DocumentReference", "id": _id(3, number), "subject": _subject(person), **dated,
        "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": data}}],
    }  # fmt: skip


def _subject(person: Person) -> Resource:
    return {"reference": f"Patient/{person.patient_id}"}


def _day(rng: np.random.Generator) -> date:
    return LAST_DAY - timedelta(days=int(rng.integers(30, 3000)))


def _id(kind: int, number: int) -> str:
    return str(UUID(int=(kind << 96) | number, version=4))
