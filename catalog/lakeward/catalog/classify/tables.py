"""Whole tables: a first look to learn what the rows are about, a second to judge each column."""

from collections.abc import Mapping, Sequence

from lakeward.catalog.classify.column import Column, Proposal, TableContext
from lakeward.catalog.classify.decide import look, propose
from lakeward.catalog.classify.detectors.vcf import HEADER
from lakeward.catalog.classify.findings import FINDINGS
from lakeward.catalog.classify.standards import dicom_attributes, dicom_technical
from lakeward.catalog.classify.words import groups, parse_name

_OF_A_PERSON = frozenset(
    {
        "person_name", "relative_name", "ssn", "mrn", "health_plan", "person_key", "birth_date", "age",
        "biometric",
        "photo", "national_id", "credential", "advertising", "account", "sex", "race", "marital", "religion",
    }
)  # fmt: skip
_EVENTS = frozenset(
    {"encounter", "visit", "stay", "hadm", "claim", "episode", "admission", "specimen", "prescription"}
)
_STOCK = frozenset(
    {"sku", "inventory", "warehouse", "quantity", "vendor", "lot", "product", "item", "cost", "material"}
)
_STAFF = frozenset(
    {"provider", "physician", "practitioner", "staff", "employee", "nurse", "caregiver", "technician"}
)
_TABLE_OF_PEOPLE = frozenset(
    {"patient", "person", "subject", "participant", "member", "beneficiary", "respondent", "demographic"}
)
_OF_THINGS = frozenset({"device", "email", "url", "unique", "event_key"})
"""Direct identifiers that also stand in tables without persons."""
_SEVERAL_OF_HEALTH = 2
_FEWEST_OF_STANDARD = 4


def classify_columns(
    table: str, columns: Sequence[Column], facts: Mapping[str, bool] | None = None
) -> list[Proposal]:
    """Propose a role and tags for every column of a table.

    Args:
        table: The table's name; it is evidence too.
        columns: Its columns, with values or without.
        facts: What the caller knows: `is_about_persons`, `is_about_staff`, `is_reference`.

    Returns:
        One proposal to each column, in the order of the columns. None of them holds a value.
    """
    context = read_context(table, columns, facts or {})
    return [propose(column, context, table) for column in columns]


def read_context(table: str, columns: Sequence[Column], facts: Mapping[str, bool]) -> TableContext:
    """Learn from all columns together what the rows of a table are about."""
    words = frozenset(parse_name(table).words) | _leading_letter(table)
    names = frozenset(column.name.casefold().lstrip("#") for column in columns)
    first = TableContext(words=words, names=names, standards=_standards(columns, names))
    found = [_found(column, first) for column in columns]
    is_staff = _is_about_staff(words, found)
    is_person = not is_staff and _is_about_persons(words, columns, found)
    return TableContext(
        words=words,
        names=names,
        standards=first.standards,
        is_about_persons=facts.get("is_about_persons", is_person),
        is_about_staff=facts.get("is_about_staff", is_staff),
        is_reference=facts.get(
            "is_reference", _is_reference(words, columns, found) and not is_person and not is_staff
        ),
    )


def _found(column: Column, context: TableContext) -> frozenset[str]:
    """Give the findings that a column suggests strongly, before its table is known."""
    return frozenset(each.finding for each in look(column, context) if each.weight >= 0.7)  # noqa: PLR2004


def _is_about_persons(words: frozenset[str], columns: Sequence[Column], found: list[frozenset[str]]) -> bool:
    if words & _TABLE_OF_PEOPLE or any(each & _OF_A_PERSON for each in found):
        return True
    if any(column.words & _TABLE_OF_PEOPLE for column in columns):
        return True
    if sum(any(FINDINGS[name].role == "sensitive" for name in each) for each in found) >= _SEVERAL_OF_HEALTH:
        return not words & groups()["reference_tables"]
    return any(
        "event_key" in each and column.words & _EVENTS for column, each in zip(columns, found, strict=True)
    )


def _is_about_staff(words: frozenset[str], found: list[frozenset[str]]) -> bool:
    """Rows of staff: the table says so, and no column holds a patient's key."""
    keys = {"person_key", "mrn", "ssn", "health_plan"}
    return bool(words & _STAFF) and not words & _TABLE_OF_PEOPLE and not any(each & keys for each in found)


def _is_reference(words: frozenset[str], columns: Sequence[Column], found: list[frozenset[str]]) -> bool:
    """Rows of things: the table's name says so, or most columns are of a stock; and no sign of a person."""
    if any(FINDINGS[each].role == "direct" for one in found for each in one if each not in _OF_THINGS):
        return False
    of_stock = sum(bool(column.words & _STOCK) for column in columns)
    return bool(words & groups()["reference_tables"]) or of_stock >= max(3, len(columns) // 2)


def _leading_letter(table: str) -> frozenset[str]:
    """`d_items`, `dim_date`, `ref_codes`: warehouses mark their dictionaries so."""
    start = table.rpartition(".")[2].partition("_")[0].casefold()
    return frozenset({"dictionary"}) if start in {"d", "dim", "ref", "lkp", "lookup"} else frozenset()


def _standards(columns: Sequence[Column], names: frozenset[str]) -> frozenset[str]:
    keywords = {column.name for column in columns}
    dicom = keywords & (dicom_technical() | dicom_attributes().keys())
    found = {"vcf"} if len(names & HEADER) >= _FEWEST_OF_STANDARD and {"ref", "alt"} <= names else set()
    if len(dicom) >= _FEWEST_OF_STANDARD or {"StudyInstanceUID", "SOPInstanceUID"} & keywords:
        found.add("dicom")
    return frozenset(found)
