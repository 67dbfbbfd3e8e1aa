"""A bare `type`, `category` or `class`: what of, the table says."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import CONTEXT, Detector, Evidence
from lakeward.catalog.classify.kinds import CODED
from lakeward.catalog.classify.words import groups

_BARE = frozenset({"type", "category", "code", "kindof", "mode", "concept", "display", "text", "value"})


def _of_the_table(column: Column, table: TableContext) -> Evidence | None:
    if not column.words or not column.words <= _BARE or column.words <= {"code", "text", "display", "value"}:
        return None
    if table.words & (groups()["health"] | groups()["genetic"] | {"device", "encounter", "visit"}):
        return Evidence("health", 0.6, CONTEXT, "a kind, in a table of health data")
    if table.words & groups()["records"]:
        return Evidence("about", 0.6, CONTEXT, "a kind of record")
    return None


DETECTOR = Detector(
    name="bare_type",
    title="A bare type or category, by its table",
    finding="about",
    kinds=CODED,
    judge=_of_the_table,
)
