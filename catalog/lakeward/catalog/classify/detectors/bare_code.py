"""A bare `code`, `value` or `result` in a table of health data."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import CONTEXT, Detector, Evidence
from lakeward.catalog.classify.kinds import MEASURED
from lakeward.catalog.classify.words import groups

_BARE = frozenset(
    {
        "code",
        "value",
        "display",
        "text",
        "number",
        "interpretation",
        "flag",
        "item",
        "label",
        "source",
        "concept",
        "char",
        "order",
    }
)


def _of_the_table(column: Column, table: TableContext) -> Evidence | None:
    if not column.words or not column.words <= _BARE or table.is_reference:
        return None
    if table.words & (groups()["health"] | {"claim", "encounter", "device"}):
        return Evidence("health", 0.6, CONTEXT, "a code or value in a table of health data")
    return None


DETECTOR = Detector(
    name="bare_code",
    title="A bare code or value, by its table",
    finding="health",
    kinds=MEASURED,
    judge=_of_the_table,
)
