"""FHIR R4: a bulk export (newline JSON, gzip or plain, one resource to a line) or bundles (`*.json`)."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from precision_oncology.errors import BadFileError
from precision_oncology.readers.objects import text_lines

_LACKING: Final = "a required element is missing or has another shape"
_SHAPE: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)
Row = dict[str, Any]
Resource = dict[str, Any]
IDENTIFIERS: Final = {"MR": "mrn", "SS": "ssn", "DL": "drivers", "PPN": "passport"}
_STARTED: Final = ("authoredOn", "recordedDate", "performedDateTime", "onsetDateTime", "date")


@dataclass(slots=True)
class FhirContent:
    """The rows of one file by kind, and the lines that no row could be made of, with the reason."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    left_out: list[tuple[int | None, str]] = field(default_factory=list)


class _UnusableError(ValueError):
    """A resource that is whole and of no use here; its one argument says why, without a value."""


def read_rows(path: Path) -> FhirContent:
    """Read one file of resources into rows of the bronze tables; kinds of no use here are passed over.

    Raises:
        BadFileError: A line is malformed, or a Patient lacks what its row cannot do without.
    """
    content = FhirContent()
    for number, resource in _resources(path):
        kind = resource["resourceType"]
        if build := _BUILDERS.get(kind):
            try:
                content.rows.setdefault(kind, []).append(build(resource))
            except _SHAPE as error:
                reason = str(error) if isinstance(error, _UnusableError) else f"{kind}: {_LACKING}"
                if kind == "Patient":  # a person must not get lost quietly
                    raise BadFileError(path, reason, line=number) from None
                content.left_out.append((number, reason))
    return content


def _resources(path: Path) -> Iterator[tuple[int | None, Resource]]:
    if path.suffix == ".json":
        yield from ((None, resource) for resource in _bundle(path))
        return
    for number, line in text_lines(path):
        if line.strip():
            yield number, _resource(path, number, line)


def _resource(path: Path, number: int | None, text: str) -> Resource:
    try:
        resource = json.loads(text)
    except ValueError:
        raise BadFileError(path, "not a JSON object: malformed or cut short", line=number) from None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise BadFileError(path, "not a FHIR resource: no resourceType", line=number)
    return resource


def _bundle(path: Path) -> Iterator[Resource]:
    top = _resource(path, None, "".join(line for _, line in text_lines(path)))
    entries = top.get("entry", []) if top["resourceType"] == "Bundle" else [{"resource": top}]
    for entry in entries:
        yield _resource(path, None, json.dumps(entry.get("resource") if isinstance(entry, dict) else None))


def patient(resource: Resource) -> Row:
    """Flatten a Patient; the first name, address and phone win."""
    name, address = _first(resource, "name"), _first(resource, "address")
    return {
        "patient_id": resource["id"],
        **_identifiers(resource),
        "family": name.get("family"),
        "given": " ".join(name.get("given", [])) or None,
        "birth_date": day(resource.get("birthDate")),
        "deceased": day(resource.get("deceasedDateTime")),
        "phone": next((t["value"] for t in resource.get("telecom", []) if t.get("system") == "phone"), None),
        "street": ", ".join(address.get("line", [])) or None,
        "city": address.get("city"),
        "zip": address.get("postalCode"),
        "state": address.get("state"),
        **_place(address),
        "gender": resource.get("gender"),
    }


def condition(resource: Resource) -> Row:
    """Flatten a Condition."""
    return {
        "condition_id": resource["id"],
        "patient_id": reference(resource["subject"]),
        **_code(resource.get("code")),
        "onset": moment(resource.get("onsetDateTime")),
        "recorded": moment(resource.get("recordedDate")),
    }


def observation(resource: Resource) -> Row:
    """Flatten an Observation with a numeric value; others have a null value."""
    quantity = resource.get("valueQuantity", {})
    return {
        "observation_id": resource["id"],
        "patient_id": reference(resource["subject"]),
        "loinc": _code(resource.get("code"))["code"],
        "value": quantity.get("value"),
        "unit": quantity.get("unit"),
        "observed_at": moment(resource.get("effectiveDateTime")),
    }


def note(resource: Resource) -> Row:
    """Flatten a DocumentReference and decode its text; a note may have no date."""
    data = resource["content"][0]["attachment"].get("data")
    if data is None:
        raise _UnusableError("DocumentReference: its text is not inline")
    try:
        text = base64.b64decode(data, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise _UnusableError("DocumentReference: its attachment is not base64 of UTF-8 text") from None
    return {
        "note_id": resource["id"],
        "patient_id": reference(resource["subject"]),
        "note_date": moment(resource.get("date")),
        "note_text": text,
    }


def event(resource: Resource) -> Row:
    """Flatten an Encounter, MedicationRequest, Procedure or AllergyIntolerance."""
    period = resource.get("period") or resource.get("performedPeriod") or {}
    started = period.get("start") or next((resource[key] for key in _STARTED if key in resource), None)
    coded = resource.get("code") or resource.get("medicationCodeableConcept") or _first(resource, "type")
    return {
        "event_id": resource["id"],
        "resource": resource["resourceType"],
        "patient_id": reference(resource.get("subject") or resource["patient"]),
        **_code(coded),
        "started": moment(started),
    }


_BUILDERS = {
    "Patient": patient,
    "Condition": condition,
    "Observation": observation,
    "DocumentReference": note,
    **dict.fromkeys(("Encounter", "MedicationRequest", "Procedure", "AllergyIntolerance"), event),
}
KINDS: Final = frozenset(_BUILDERS)


def reference(value: Resource) -> str:
    """Take the id out of `Patient/<id>` or `urn:uuid:<id>`."""
    text: str = value["reference"]
    return text.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def day(value: str | None) -> date | None:
    """Read a FHIR date; a year or a month alone becomes its first day."""
    if not value:
        return None
    return date.fromisoformat((value[:10] + "-01-01")[:10] if len(value) in {4, 7} else value[:10])


def moment(value: str | None) -> datetime | None:
    """Read a FHIR dateTime as UTC without a zone; a date alone becomes its midnight."""
    if not value:
        return None
    if len(value) <= len("2000-01-01"):
        return datetime.combine(day(value) or date.min, datetime.min.time())
    parsed = datetime.fromisoformat(value)
    return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed


def _first(resource: Resource, key: str) -> Resource:
    values = resource.get(key) or [{}]
    first: Resource = values[0]
    return first


def _identifiers(resource: Resource) -> Row:
    codes = {
        _first(each.get("type", {}), "coding").get("code"): each.get("value")
        for each in resource.get("identifier", [])
    }
    return {name: codes.get(code) for code, name in IDENTIFIERS.items()}


def _place(address: Resource) -> Row:
    parts = {
        inner.get("url"): inner.get("valueDecimal")
        for outer in address.get("extension", [])
        for inner in outer.get("extension", [])
    }
    return {"lat": parts.get("latitude"), "lon": parts.get("longitude")}


def _code(concept: Resource | None) -> Row:
    coding = _first(concept or {}, "coding")
    return {"code": coding.get("code"), "display": coding.get("display") or (concept or {}).get("text")}
