"""What was judged before: by table uuid and field-id, which no rename changes.

A verdict is kept with the classifier's version and a fingerprint of name, type and the shape of the values,
so that it is judged again when one of them changes, and with the tags that a reviewer had applied from it.
Tags beyond those were set by a person, who is not overruled.
"""

import hashlib
import hmac
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from lakeward.catalog.classify.column import Column, Proposal
from lakeward.catalog.lake import Lake
from lakeward.catalog.store.schema import classification
from lakeward.catalog.taxonomy import Taxonomy


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One verdict, as the store keeps it."""

    field_id: int
    path: str
    classifier: str
    fingerprint: str
    snapshot_id: int | None
    role: str
    tags: frozenset[str]
    confidence: float
    applied: frozenset[str]

    @classmethod
    def of(
        cls, proposal: Proposal, field_id: int, mark: str, snapshot_id: int | None, before: "Judged | None"
    ) -> "Judged":
        """Make one from a proposal; what was applied before stays noted."""
        from lakeward.catalog.classify import VERSION  # noqa: PLC0415  the package imports its parts

        return cls(
            field_id=field_id,
            path=proposal.column,
            classifier=VERSION,
            fingerprint=mark,
            snapshot_id=snapshot_id,
            role=proposal.role,
            tags=frozenset(proposal.tags),
            confidence=proposal.confidence,
            applied=before.applied if before else frozenset(),
        )


def fingerprint(lake: Lake, column: Column) -> str:
    """Give a keyed fingerprint of a column's name, type and the rough shape of its values."""
    sample = column.sample
    shape: tuple[object, ...] = ()
    if sample:
        low, high = (None if each is None else _rough(each) for each in (sample.low, sample.high))
        shape = (_rough(sample.distinct), round(sample.uniqueness, 1), _rough(sample.mean_length), low, high)
    facts = json.dumps([column.name, str(column.type), shape, sorted(column.inherited)])
    return hmac.digest(lake.keys.derive("classify"), facts.encode(), hashlib.sha256).hex()


def _rough(number: float) -> int:
    """Give a number's order of magnitude, by halves: samples of the same data agree in it."""
    return (
        0
        if not number or not math.isfinite(number)
        else int(math.copysign(round(math.log2(abs(number)) * 2), number))
    )


def recall(lake: Lake, uuid: str) -> dict[int, Judged]:
    """Give what was judged of a table, by field-id."""
    query = select(classification).where(classification.c.table_uuid == uuid)
    with lake.store.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return {
        row["field_id"]: Judged(
            field_id=row["field_id"],
            path=row["path"],
            classifier=row["classifier"],
            fingerprint=row["fingerprint"],
            snapshot_id=row["snapshot_id"],
            role=row["role"],
            tags=frozenset(json.loads(row["tags"])),
            confidence=row["confidence"],
            applied=frozenset(json.loads(row["applied"])),
        )
        for row in rows
    }


def remember(lake: Lake, uuid: str, judged: Sequence[Judged]) -> None:
    """Keep verdicts, each in the place of the one before."""
    if not judged:
        return
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    rows = [
        {
            "table_uuid": uuid, "at": now, "field_id": each.field_id, "path": each.path,
            "classifier": each.classifier,
            "fingerprint": each.fingerprint, "snapshot_id": each.snapshot_id, "role": each.role,
            "tags": json.dumps(sorted(each.tags)), "confidence": each.confidence,
            "applied": json.dumps(sorted(each.applied)),
        }
        for each in judged
    ]  # fmt: skip
    with lake.store.writing() as connection:
        ids = [each.field_id for each in judged]
        connection.execute(
            delete(classification).where(
                classification.c.table_uuid == uuid, classification.c.field_id.in_(ids)
            )
        )
        connection.execute(insert(classification), rows)


def note_applied(lake: Lake, uuid: str, field_id: int, tags: frozenset[str]) -> None:
    """Note which tags a reviewer had applied to a column from a proposal."""
    key = (classification.c.table_uuid == uuid, classification.c.field_id == field_id)
    with lake.store.writing() as connection:
        connection.execute(update(classification).where(*key).values(applied=json.dumps(sorted(tags))))


def is_pinned(own: frozenset[str], before: Judged | None, taxonomy: Taxonomy) -> bool:
    """Say whether a person tagged the column: it bears a classifying tag that no proposal put there."""
    return bool((own & taxonomy.classifying) - (before.applied if before else frozenset()))
