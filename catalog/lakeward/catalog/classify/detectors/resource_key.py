"""A bare `id`: of whom, the table says."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import CONTEXT, Detector, Evidence
from lakeward.catalog.classify.kinds import CODED, Kind
from lakeward.catalog.classify.words import groups

_BARE = frozenset({"id", "key", "uid", "identifier", "identifiers"})


def _of_the_table(column: Column, table: TableContext) -> Evidence | None:
    content = column.words
    is_own = content <= _BARE or (content - _BARE <= table.words and content & _BARE)
    if not content or not is_own or table.is_reference:
        return None
    if table.is_about_staff:
        return Evidence("staff", 0.85, CONTEXT, "the key of a table of staff")
    if table.is_about_persons or table.words & (groups()["person"] | groups()["event"]):
        return Evidence("person_key", 0.8, CONTEXT, "the key of a table about persons")
    return None


DETECTOR = Detector(
    name="resource_key",
    title="A bare key, by its table",
    finding="person_key",
    kinds=CODED | {Kind.FLOAT},
    judge=_of_the_table,
)
