"""Seven days of five-minute glucose readings, delivered in daily JSON batches."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from precision_oncology.generator.hazards import MONITORED, MONITORED_DAYS
from precision_oncology.readers.cgm import batches_of

PARTICIPANTS: Final = tuple(f"cgm-{number:02d}" for number in range(MONITORED))
START: Final = datetime(2026, 3, 2)  # noqa: DTZ001  # wearables tell local time without a zone
PER_DAY: Final = 288
REPLAYED: Final = 3
OUT_OF_RANGE: Final = 1200.0  # mg/dL; a sensor's own scale ends at 400


def write_wearables(folder: Path, rng: np.random.Generator) -> None:
    """Write the batches, a replay of one of them, and a last small batch with an impossible reading."""
    folder.mkdir(parents=True)
    batches = batches_of(reading for who in PARTICIPANTS for reading in _readings(who, rng))
    for number, batch in batches.items():
        write_batch(folder / f"b{number:04d}.json", batch)
    write_batch(folder / f"b{REPLAYED:04d}_replay.json", batches[REPLAYED])
    write_batch(folder / f"b{max(batches) + 1:04d}.json", bad_batch(max(batches) + 1))


def write_batch(path: Path, batch: dict[str, Any]) -> None:
    """Write one batch as a wearable's server sends it."""
    path.write_text(json.dumps(batch, separators=(",", ":")) + "\n", encoding="utf-8")


def bad_batch(number: int) -> dict[str, Any]:
    """Invent an hour of readings of a failing sensor: the last one is impossible."""
    start = START + timedelta(days=MONITORED_DAYS + 1)
    values = [110.0 + k for k in range(11)] + [OUT_OF_RANGE]
    readings = [
        {
            "participant_id": PARTICIPANTS[0], "event_ts": str(start + timedelta(minutes=5 * k)),
            "glucose_mg_dl": value, "sensor_id": f"dexcom-g6-{PARTICIPANTS[0]}",
        }
        for k, value in enumerate(values)
    ]  # fmt: skip
    return {"batch_id": f"b{number:04d}", "source": "cgm", "schema_version": 2, "readings": readings}


def _readings(participant: str, rng: np.random.Generator) -> list[tuple[str, str, float]]:
    count = MONITORED_DAYS * PER_DAY
    hours = np.arange(count) / 12
    level = (
        rng.normal(115, 10) + 15 * np.sin(hours * 2 * np.pi / 24) + 20 * np.sin(hours * 2 * np.pi / 6) ** 2
    )
    values = (level + rng.normal(0, 4, count)).clip(45, 390).round()
    return [
        (participant, str(START + timedelta(minutes=5 * k)), float(value)) for k, value in enumerate(values)
    ]
