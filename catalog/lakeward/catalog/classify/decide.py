"""From evidence to one proposal.

The order, strictest doubt first:

1. A name that only describes another thing (`email_verified`) is no identifier, whatever its other words.
2. Of the names' findings the first in the order of `DETECTORS` counts; hints count beside a person only.
3. Values overrule a name that says less than they do: a `ref` full of phone numbers is a phone number.
4. Values that contradict a name hold the column back, and never clear it.
5. `none` needs a reason to be sure and no sign to the contrary; what is left is `unclassified`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from lakeward.catalog.classify.column import Column, Proposal, TableContext
from lakeward.catalog.classify.detector import (
    CHECKSUM,
    CONTEXT,
    NAME,
    SHAPE,
    TEXT,
    TYPE,
    WORDS,
    Detector,
    Evidence,
    named,
)
from lakeward.catalog.classify.detectors import DETECTORS
from lakeward.catalog.classify.findings import FINDINGS
from lakeward.catalog.classify.kinds import Kind
from lakeward.catalog.classify.pattern import Pattern, read_pattern
from lakeward.catalog.classify.words import groups

BY_NAME, BY_HINT = 0.85, 0.5
SURE_OF_VALUES = 0.7
ENOUGH, ENOUGH_TO_CLEAR = 0.4, 0.6
_STRICTNESS = {"none": 0, "sensitive": 1, "quasi": 2, "direct": 3}
_ABOUT = "about"
_OF_ANYBODY = frozenset(
    {"person_name", "phone", "fax", "email", "license", "person_key", "event_key", "unique"}
)
_Index = Mapping[str, tuple[tuple[int, Detector, Pattern, float], ...]]


def look(column: Column, table: TableContext) -> list[Evidence]:
    """Gather all evidence about a column, strongest first."""
    found = [] if column.kind is Kind.BINARY and not column.parsed.known else by_name(column, table)
    for detector in _looking(column.kind, has_values=column.values is not None):
        found += detector.look(column, table)
    return sorted(found, key=lambda each: -each.weight)


@cache
def _looking(kind: Kind, *, has_values: bool) -> tuple[Detector, ...]:
    """Give the detectors that can say anything of such a column beyond its name: of a name alone, a third."""
    return tuple(
        each for each in DETECTORS if kind in each.kinds and (each.judge or (has_values and each.alone))
    )


def by_name(column: Column, table: TableContext) -> list[Evidence]:
    """Give what the words of the name say: the first detector, and the first hint after it."""
    matched = sorted(
        {
            (order, weight)
            for word in column.words
            for order, detector, pattern, weight in _index().get(word, ())
            if pattern.matches(column.parsed, column.words)
        }
    )
    evidence: list[Evidence] = []
    strong = next((order for order, weight in matched if weight == BY_NAME), None)
    if strong is not None:
        evidence += _fitting(DETECTORS[strong], BY_NAME, column, matched)
    hint = next((order for order, weight in matched if weight == BY_HINT), None)
    if hint is not None and strong is None:
        weight = BY_HINT if table.is_about_persons or table.is_about_staff else 0.3
        evidence.append(named(DETECTORS[hint], weight, column))
    return evidence


def _fitting(
    detector: Detector, weight: float, column: Column, matched: list[tuple[int, float]]
) -> Iterable[Evidence]:
    """Give a name's evidence unless the type vetoes it; then the next detector whose type fits may speak."""
    if column.kind in detector.kinds:
        return [named(detector, weight, column)]
    others = (DETECTORS[order] for order, each in matched if each == BY_NAME)
    fitting = next((each for each in others if column.kind in each.kinds), None)
    return [named(fitting, 0.6, column)] if fitting else []


@cache
def _index() -> _Index:
    """Give every pattern by the words of its first element."""
    index: dict[str, list[tuple[int, Detector, Pattern, float]]] = defaultdict(list)
    for order, detector in enumerate(DETECTORS):
        for texts, weight in ((detector.names, BY_NAME), (detector.hints, BY_HINT)):
            for pattern in map(read_pattern, texts):
                for word in min(pattern.elements, key=len):
                    index[word].append((order, detector, pattern, weight))
    return {word: tuple(entries) for word, entries in index.items()}


def propose(column: Column, table: TableContext, table_name: str) -> Proposal:
    """Weigh the evidence about one column."""
    evidence = look(column, table)
    chosen = _choose(column, table, evidence)
    if chosen is None:
        seen = tuple(str(each) for each in evidence) or ("nothing was recognised",)
        return _proposal(table_name, column, None, 0.0, seen)
    backing = [each for each in evidence if each.finding == chosen.finding] or [chosen]
    confidence = 1.0
    for each in backing[:3]:
        confidence *= 1 - each.weight
    rest = [each for each in evidence if each not in backing]
    texts = tuple(dict.fromkeys(str(each) for each in (chosen, *backing, *rest)))
    return _proposal(
        table_name, column, _owned(chosen.finding, column, table), min(0.99, 1 - confidence), texts
    )


def _owned(finding: str, column: Column, table: TableContext) -> str:
    """Give whose it is: in a table of staff names and numbers are no patient's; a hash is a code of its own.

    An unkeyed hash of an identifier is derived from it and stays one (45 CFR 164.514(b)(2)(i)(R)).
    """
    if table.is_about_staff and finding in _OF_ANYBODY:
        return "staff"
    is_hashed = bool(column.words & {"hash", "pseudonym"}) and FINDINGS[finding].role == "direct"
    return "unique" if is_hashed and finding != "credential" else finding


def _proposal(
    table: str, column: Column, finding: str | None, confidence: float, evidence: tuple[str, ...]
) -> Proposal:
    found = FINDINGS[finding] if finding else None
    return Proposal(
        table=table,
        column=column.name,
        role=found.role if found else "unclassified",
        tags=found.tags if found else (),
        confidence=round(confidence, 2),
        evidence=evidence[:6],
        finding=finding,
    )


def _choose(column: Column, table: TableContext, evidence: list[Evidence]) -> Evidence | None:
    by_name_ = next((each for each in evidence if each.source == NAME and each.finding != _ABOUT), None)
    about = next((each for each in evidence if each.finding == _ABOUT and each.source == NAME), None)
    standard = next((each for each in evidence if each.source == "standard"), None)
    by_value = _strongest([each for each in evidence if each not in (by_name_, about, standard)])
    said = standard or about or by_name_
    if said is None:
        return _unnamed(table, by_value)
    if _overrules(by_value, said):
        return by_value
    if _contradicted(column, said):
        return None
    return _settled(column, table, said, by_value)


def _strongest(evidence: list[Evidence]) -> Evidence | None:
    """Give the strongest; of equals, the strictest."""
    return max(
        evidence,
        key=lambda each: (round(each.weight, 1), _STRICTNESS[FINDINGS[each.finding].role]),
        default=None,
    )


def _unnamed(table: TableContext, by_value: Evidence | None) -> Evidence | None:
    """Judge by values, type and table alone."""
    if by_value is None or by_value.weight < ENOUGH:
        return None
    role = FINDINGS[by_value.finding].role
    if role == "none":
        return by_value if by_value.weight >= ENOUGH_TO_CLEAR else None
    if by_value.source == TYPE and not (table.is_about_persons or table.is_about_staff):
        return None
    return by_value


def _overrules(by_value: Evidence | None, said: Evidence) -> bool:
    """Whether values say more than the name does."""
    if by_value is None or by_value.weight < SURE_OF_VALUES or by_value.source == TYPE:
        return False
    found, name = FINDINGS[by_value.finding], FINDINGS[said.finding]
    if found.role == "none" or found.name == name.name:
        return False
    if by_value.source == TEXT and name.role == "sensitive":  # identifiers stand inside a result
        return by_value.weight >= said.weight and "text" not in said.finding
    if found.role == name.role and said.weight < SURE_OF_VALUES:  # a `key` full of addresses of networks
        return by_value.source in {SHAPE, CHECKSUM, TEXT, CONTEXT}
    return _STRICTNESS[found.role] > _STRICTNESS[name.role] and _is_surer(by_value, said)


def _is_surer(by_value: Evidence, said: Evidence) -> bool:
    """Whether a stricter finding by value outweighs a name; cities are called like persons."""
    if FINDINGS[said.finding].role == "none":
        return True
    return said.weight < SURE_OF_VALUES if by_value.source == WORDS else by_value.weight >= said.weight


def _contradicted(column: Column, said: Evidence) -> bool:
    """Whether the values are a few words or flags where an identifier with a shape of its own was named."""
    sample = column.sample
    if sample is None or FINDINGS[said.finding].role != "direct" or not sample.is_categorical:
        return False
    few = sample.distinct <= max(5, sample.rows // 10)
    return few and sample.rows >= 20 and sample.mean_length < 12  # noqa: PLR2004


def _settled(
    column: Column, table: TableContext, said: Evidence, by_value: Evidence | None
) -> Evidence | None:
    role = FINDINGS[said.finding].role
    if role == "none":
        return _cleared(column, table, said, by_value)
    if said.weight < ENOUGH and not (by_value and by_value.finding == said.finding):
        return _unnamed(table, by_value)
    if (
        table.is_reference
        and role in {"sensitive", "quasi"}
        and said.finding not in {"address", "coordinates"}
    ):
        return next(iter([by_value] if by_value and FINDINGS[by_value.finding].role == "none" else []), said)
    return said


def _cleared(
    column: Column, table: TableContext, said: Evidence, by_value: Evidence | None
) -> Evidence | None:
    """Clear a column only when nothing speaks against it."""
    if said.weight < ENOUGH_TO_CLEAR:
        return None
    doubt = by_value is not None and FINDINGS[by_value.finding].role in {"direct", "quasi"}
    if doubt and by_value is not None and by_value.weight >= ENOUGH and by_value.source != TYPE:
        return None
    if column.words == {"status"} and table.words & groups()["person"]:  # alive, dead, in care
        return None
    sample = column.sample
    if sample and column.kind is Kind.TEXT and sample.words_per_value > 8:  # noqa: PLR2004  whole sentences
        return None
    return said
