"""Pairs of SQL and claims from a file: a new case needs no Python."""

import re
from dataclasses import dataclass
from pathlib import Path

from lakeward.lineage.edges import ColumnLineage

FIXTURES = Path(__file__).parent / "fixtures"
SCHEMA = {
    "clinic.patient": ["id", "ssn", "name", "dob", "zip", "dx", "hiv", "visits", "s"],
    "clinic.lab": ["patient_id", "value", "taken"],
    "clinic.codes": ["dx", "label"],
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One case: its title, its query, and by output (`*`: the whole) the claims as they are written."""

    title: str
    query: str
    claims: dict[str, set[str]]


def load_pairs(name: str) -> list[Pair]:
    """Read the cases of a file."""
    blocks = re.split(r"^-- # ", (FIXTURES / name).read_text("utf-8"), flags=re.MULTILINE)[1:]
    return [_pair(block) for block in blocks]


def _pair(block: str) -> Pair:
    title, _, rest = block.partition("\n")
    query, _, claims = rest.partition(";\n")
    found = re.findall(r"^-- (\S+) -> (.+)$", claims, flags=re.MULTILINE)
    return Pair(
        title, query, {output: {claim.strip() for claim in text.split(",")} for output, text in found}
    )


def claims_of(lineage: ColumnLineage) -> dict[str, set[str]]:
    """Write a lineage as the file does."""
    claims: dict[str, set[str]] = {}
    for edge in lineage.edges:
        table = edge.source.table.partition(".")[2]
        single = " single" if edge.is_single else ""
        text = f"{table}.{edge.source.column} {edge.subtype}{'!' if edge.masking else ''}{single}"
        claims.setdefault(edge.output or "*", set()).add(text)
    return claims
