"""Columns that only describe another: `email_verified`, `phone_type`, `mrn_count`, `date_format`.

A property of an identifier is no identifier. A property of a person's health or life is still health data:
`cd4_count`, `diabetes_flag`, `marital_status` are left to the other detectors.
"""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import NAME, Detector, Evidence
from lakeward.catalog.classify.kinds import Kind
from lakeward.catalog.classify.words import groups

_FORM = frozenset({"format", "version", "pattern", "verified", "bucket", "column", "default", "precision"})
_OF_A_PERSON = ("health", "genetic", "demographic")


def _describes(column: Column, _table: TableContext) -> Evidence | None:
    words = column.parsed.words
    last = words[-1] if words else ""
    is_about, is_kind = last in groups()["about"], last in groups()["kind"]
    if _is_number_of(words):
        last, is_about = "count", True
    if len(words) < 2 or not (is_about or is_kind):  # noqa: PLR2004  alone it describes nothing
        return None
    if last in _FORM and column.words & (groups()["identifying"] | groups()["time"]):
        return Evidence("about", 0.9, NAME, f"about ({' '.join(words)})")
    if _is_of_a_person(column, words, last) or (is_about and column.kind in {Kind.DATE, Kind.TIMESTAMP}):
        return None
    weight = 0.9 if column.words & groups()["identifying"] or column.kind is Kind.BOOLEAN else 0.75
    is_understood = column.words <= column.parsed.known and column.words & (
        groups()["identifying"] | groups()["records"]
    )
    if not is_understood:  # what is described may be a person, or a disease that nobody listed
        weight = 0.5
    return Evidence("about", weight, NAME, f"about ({' '.join(words)})")


def _is_number_of(words: tuple[str, ...]) -> bool:
    """`number_of_series`, not `number_plate` nor `phone_number`."""
    if len(words) < 2 or words[0] != "number" or words[-1] in groups()["key"]:  # noqa: PLR2004
        return False
    named = groups()["identifying"] | groups()["person"]
    return (named | groups()["time"]).isdisjoint(words[1:]) and words[1] not in {
        "plate",
        "insurance",
        "nationalid",
        "clinical",
    }


def _is_of_a_person(column: Column, words: tuple[str, ...], last: str) -> bool:
    """Whether what is described is a person's health or life; of a count, the word before it decides."""
    described = column.words - {last}
    if words[-1] == "count" and words[-2] in groups()["identifying"]:
        return False
    if words[-1] in {"size", "length"} and column.words & groups()["person"]:
        return True
    kinds_of_person = frozenset().union(*(groups()[each] for each in _OF_A_PERSON))
    return bool(described & (kinds_of_person | groups()["life"]))


DETECTOR = Detector(
    name="about",
    title="Properties of another thing",
    finding="about",
    kinds=frozenset(Kind) - {Kind.BINARY, Kind.NESTED},
    judge=_describes,
)
