"""Who is who across systems, and what each patient agreed to.

Links between the sources of a demonstration are never real: `method` says `synthetic-link`, and a
population panel is never linked to anybody. A link that two patients claim, or that names no patient, is
left out with the reason.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

SYSTEMS: Final = {"lims": "genomics", "ris": "imaging", "cgm": "wearables"}
MODALITIES: Final = ("genomics", "imaging", "notes", "wearables", "records")
PURPOSES: Final = ("research", "model-training")
FIRST_MONITORED: Final = 3  # glucose monitors are linked from the fourth patient on
SINCE: Final = date(2026, 1, 1)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """One patient's name in one other system."""

    patient_id: str
    system: str
    local_id: str
    method: str = "synthetic-link"
    confidence: float = 1.0
    valid_from: date = SINCE

    def row(self) -> Row:
        """Give the row of `silver.patient_xref`."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def declare_links(
    patients: Sequence[str], samples: Sequence[str], images: Sequence[str], participants: Sequence[str]
) -> list[Link]:
    """Link local ids to patients one to one, both in their own order; what is over stays unlinked."""
    return [
        *(Link(who, "lims", local) for who, local in zip(patients, samples, strict=False)),
        *(Link(who, "ris", local) for who, local in zip(patients, images, strict=False)),
        *(
            Link(who, "cgm", local)
            for who, local in zip(patients[FIRST_MONITORED:], participants, strict=False)
        ),
    ]


def link_of_row(row: dict[str, str | None]) -> Link:
    """Read one row of a registry's export.

    Raises:
        ValueError: A cell is empty, or no number or date.
    """
    who, system, local = row["patient_id"], row["system"], row["local_id"]
    if not (who and local and system in SYSTEMS):
        raise ValueError("patient_id, system and local_id are required")
    since = date.fromisoformat(row["valid_from"] or SINCE.isoformat())
    return Link(who, system, local, row["method"] or "unknown", float(row["confidence"] or 0), since)


def settle_links(links: Iterable[Link], patients: Iterable[str]) -> tuple[list[Link], list[tuple[Link, str]]]:
    """Part links that can be trusted from those that cannot, each with the reason."""
    listed, known = list(links), set(patients)
    claims = Counter((link.system, link.local_id) for link in set(listed))
    settled: list[Link] = []
    refused: list[tuple[Link, str]] = []
    for link in listed:
        if link.patient_id not in known:
            refused.append((link, "orphan: the link names no patient of this delivery"))
        elif claims[link.system, link.local_id] > 1:
            refused.append((link, "conflict: two patients claim the same local id"))
        else:
            settled.append(link)
    return settled, refused


def is_granted(index: int, modality: str, purpose: str = "research") -> bool:
    """Tell the invented answer of the patient with this index; model training is agreed to less often."""
    place = index + MODALITIES.index(modality)
    return place % 4 != 0 and (purpose == "research" or place % 5 != 0)


def declare_consent(patients: Sequence[str]) -> list[Row]:
    """Invent one consent row to each patient, modality and purpose, for deliveries that bring none."""
    return [
        {
            "patient_id": who, "modality": modality, "purpose": purpose,
            "status": "granted" if is_granted(index, modality, purpose) else "denied",
            "valid_from": SINCE, "valid_to": None, "document_sha256": None,
        }
        for index, who in enumerate(patients)
        for modality in MODALITIES
        for purpose in PURPOSES
    ]  # fmt: skip
