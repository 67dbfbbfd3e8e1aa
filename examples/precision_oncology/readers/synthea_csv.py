"""Synthea's CSV export: one file to a kind, into rows of the same shape as FHIR's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from precision_oncology.readers.tables import Cells, read_table
from precision_oncology.tables import cohorts
from precision_oncology.tables.spec import TableSpec

Row = dict[str, Any]
_CODED: Final = ("PATIENT", "CODE", "DESCRIPTION")


def patient(cells: Cells) -> Row:
    """Flatten a row of `patients.csv`."""
    return {
        "patient_id": cells.required("Id"),
        "ssn": cells.text("SSN"),
        "drivers": cells.text("DRIVERS"),
        "passport": cells.text("PASSPORT"),
        "family": cells.text("LAST"),
        "given": cells.text("FIRST"),
        "birth_date": cells.day("BIRTHDATE"),
        "deceased": cells.day("DEATHDATE"),
        "street": cells.text("ADDRESS"),
        "city": cells.text("CITY"),
        "zip": cells.text("ZIP"),
        "state": cells.text("STATE"),
        "lat": cells.number("LAT"),
        "lon": cells.number("LON"),
        "gender": cells.text("GENDER"),
    }


def condition(cells: Cells) -> Row:
    """Flatten a row of `conditions.csv`, which has no id of its own."""
    return {
        "condition_id": f"{cells.required('ENCOUNTER')}:{cells.required('CODE')}",
        **_coded(cells),
        "onset": cells.moment("START"),
    }


def observation(cells: Cells) -> Row:
    """Flatten a row of `observations.csv`; a value that is no number is null, as in FHIR's."""
    return {
        "observation_id": f"{cells.text('ENCOUNTER')}:{cells.required('CODE')}",
        "patient_id": cells.required("PATIENT"),
        "loinc": cells.text("CODE"),
        "value": cells.number("VALUE") if cells.text("TYPE") == "numeric" else None,
        "unit": cells.text("UNITS"),
        "observed_at": cells.moment("DATE"),
    }


def _event(resource: str, key: str) -> Callable[[Cells], Row]:
    def event(cells: Cells) -> Row:
        return {
            "event_id": cells.required(key) if key == "Id" else f"{cells.required(key)}:{cells.text('CODE')}",
            "resource": resource,
            **_coded(cells),
            "started": cells.moment("START"),
        }

    return event


def _coded(cells: Cells) -> Row:
    return {
        "patient_id": cells.required("PATIENT"),
        "code": cells.text("CODE"),
        "display": cells.text("DESCRIPTION"),
    }


_PERSON: Final = (
    "Id", "BIRTHDATE", "DEATHDATE", "SSN", "DRIVERS", "PASSPORT", "FIRST", "LAST", "GENDER", "ADDRESS",
    "CITY", "STATE", "ZIP", "LAT", "LON",
)  # fmt: skip
_FILES: Final[dict[str, tuple[TableSpec, tuple[str, ...], Callable[[Cells], Row]]]] = {
    "patients": (cohorts.CSV_PATIENTS, _PERSON, patient),
    "conditions": (cohorts.CSV_CONDITIONS, ("START", "ENCOUNTER", *_CODED), condition),
    "observations": (
        cohorts.CSV_OBSERVATIONS,
        ("DATE", "PATIENT", "ENCOUNTER", "CODE", "VALUE", "UNITS", "TYPE"),
        observation,
    ),
    "encounters": (cohorts.CSV_EVENTS, ("Id", "START", *_CODED), _event("Encounter", "Id")),
    "medications": (
        cohorts.CSV_EVENTS,
        ("START", "ENCOUNTER", *_CODED),
        _event("MedicationRequest", "ENCOUNTER"),
    ),
    "procedures": (cohorts.CSV_EVENTS, ("START", "ENCOUNTER", *_CODED), _event("Procedure", "ENCOUNTER")),
}
FILES: Final = tuple(f"{stem}{ending}" for stem in _FILES for ending in (".csv", ".csv.gz"))


def read_rows(path: Path) -> tuple[TableSpec, list[Row]]:
    """Read one file; its name says its kind.

    Raises:
        BadFileError: A column is missing, or a cell is not what its column holds.
    """
    table, columns, build = _FILES[path.name.lower().partition(".")[0]]
    return table, [build(cells) for cells in read_table(path, columns)]
