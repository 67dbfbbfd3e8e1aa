"""Continuous glucose monitors: JSON batches as they are delivered, or one CSV to a participant.

A batch is schema version 1, or 2 with `sensor_id`; any other shape is refused, never guessed at.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from precision_oncology.errors import BadFileError
from precision_oncology.readers.objects import RawObject, text_lines

CSV_HEADER: Final = ["timestamp", "glucose_value_mg_dl"]
SENSOR_FROM_BATCH: Final = 5
LATE_SHARE: Final = 8  # of 256 readings, about 3 %, arrive one batch later
_BATCH_KEYS: Final = {"batch_id", "source", "schema_version", "readings"}
_READING_KEYS: Final = {
    1: {"participant_id", "event_ts", "glucose_mg_dl"},
    2: {"participant_id", "event_ts", "glucose_mg_dl", "sensor_id"},
}
Reading = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """One delivery of readings; `event_ts` is local time without a zone."""

    batch_id: str
    schema_version: int
    readings: tuple[Reading, ...]
    sources: tuple[RawObject, ...]


def read_batch(raw: RawObject) -> Batch:
    """Read one JSON batch.

    Raises:
        BadFileError: It is not JSON, or its schema is neither version 1 nor 2.
    """
    document = _json_object(raw.path)
    version = document.get("schema_version")
    if (
        set(document) != _BATCH_KEYS
        or version not in _READING_KEYS
        or not isinstance(document["readings"], list)
    ):
        raise BadFileError(raw.path, "the schema of this CGM batch changed: not version 1 or 2")
    readings = tuple(
        _reading(raw.path, index, each, version) for index, each in enumerate(document["readings"], 1)
    )
    return Batch(str(document["batch_id"]), version, readings, (raw,))


def read_csv_readings(raw: RawObject) -> list[tuple[str, str, float]]:
    """Read one participant's CSV: (participant, local time, mg/dL); the file name names the participant.

    Raises:
        BadFileError: Another header, a row of another length, or a cell that is no time or number.
    """
    participant = raw.path.name.split(".")[0]
    lines = csv.reader(line for _, line in text_lines(raw.path))
    header = next(lines, None)
    if header != CSV_HEADER:
        raise BadFileError(raw.path, f"the header is not {','.join(CSV_HEADER)}", line=1)
    return [_csv_reading(raw.path, lines.line_num, participant, row) for row in lines if row]


def batches_of(readings: Iterable[tuple[str, str, float]]) -> dict[int, dict[str, Any]]:
    """Cut readings into daily deliveries: a participant's k-th day is batch k, about 3 % come one later.

    Which readings are late follows from a hash of participant and time, so it is the same everywhere.
    """
    first: dict[str, date] = {}
    batches: dict[int, list[Reading]] = {}
    for participant, stamp, value in sorted(readings):
        today = datetime.fromisoformat(stamp).date()
        number = (today - first.setdefault(participant, today)).days
        number += sha256(f"{participant}|{stamp}".encode()).digest()[0] < LATE_SHARE
        reading: Reading = {"participant_id": participant, "event_ts": stamp, "glucose_mg_dl": value}
        if number >= SENSOR_FROM_BATCH:
            reading["sensor_id"] = f"dexcom-g6-{participant}"
        batches.setdefault(number, []).append(reading)
    return {number: _document(number, batches[number]) for number in sorted(batches)}


def batches_of_csv(objects: list[RawObject]) -> list[Batch]:
    """Read the CSVs of all participants and deliver them in batches, as a wearable's server would."""
    readings = [reading for raw in objects for reading in read_csv_readings(raw)]
    sources = tuple(objects)
    return [
        Batch(
            doc["batch_id"], doc["schema_version"], tuple(_typed(each) for each in doc["readings"]), sources
        )
        for doc in batches_of(readings).values()
    ]


def marked_late(batches: Iterable[Batch]) -> Iterator[tuple[Batch, list[Reading]]]:
    """Add `batch_id` and `is_late` to the readings, in order of delivery.

    Late is a reading below the highest time of its participant in earlier batches. A batch that was seen
    before changes nothing, and of equal (participant, time) the first delivery stays.
    """
    highest: dict[str, datetime] = {}
    seen: set[tuple[str, datetime]] = set()
    delivered: set[str] = set()
    for batch in batches:
        if batch.batch_id in delivered:
            continue
        delivered.add(batch.batch_id)
        before = dict(highest)
        fresh: list[Reading] = []
        for reading in batch.readings:
            who, when = reading["participant_id"], reading["event_ts"]
            if (who, when) not in seen:
                seen.add((who, when))
                late = who in before and when < before[who]
                fresh.append(reading | {"batch_id": batch.batch_id, "is_late": late})
                highest[who] = max(when, highest.get(who, when))
        yield batch, fresh


def _document(number: int, readings: list[Reading]) -> dict[str, Any]:
    version = 2 if number >= SENSOR_FROM_BATCH else 1
    return {"batch_id": f"b{number:04d}", "source": "cgm", "schema_version": version, "readings": readings}


def _json_object(path: Path) -> dict[str, Any]:
    try:
        document = json.loads("".join(line for _, line in text_lines(path)))
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise BadFileError(path, "not JSON: malformed or cut short", line=line) from None
    if not isinstance(document, dict):
        raise BadFileError(path, "not a CGM batch: the top is not an object")
    return document


def _reading(path: Path, index: int, raw: object, version: int) -> Reading:
    if not isinstance(raw, dict) or set(raw) != _READING_KEYS[version]:
        raise BadFileError(
            path, f"the schema of this CGM batch changed: reading {index} is not version {version}"
        )
    try:
        return _typed(raw)
    except (TypeError, ValueError):
        raise BadFileError(path, f"reading {index} holds a time or a value of another form") from None


def _typed(raw: Reading) -> Reading:
    return raw | {"event_ts": _local(raw["event_ts"]), "glucose_mg_dl": float(raw["glucose_mg_dl"])}


def _local(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed


def _csv_reading(path: Path, line: int, participant: str, row: list[str]) -> tuple[str, str, float]:
    if len(row) != len(CSV_HEADER):
        raise BadFileError(path, f"{len(row)} cells where the header has {len(CSV_HEADER)}", line=line)
    try:
        datetime.fromisoformat(row[0])
        return participant, row[0], float(row[1])
    except ValueError:
        raise BadFileError(path, "a cell is not a time or a number", line=line) from None
