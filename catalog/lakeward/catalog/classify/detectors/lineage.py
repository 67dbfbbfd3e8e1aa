"""Columns that were derived from tagged columns."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import LINEAGE, Detector, Evidence
from lakeward.catalog.classify.findings import FINDINGS
from lakeward.catalog.classify.kinds import ANY

_STRICT = ("direct", "quasi", "sensitive")


def _derived(column: Column, _table: TableContext) -> Evidence | None:
    """The strictest finding that the sources' tags stand for; the reviewer judges masks in between."""
    if not column.inherited:
        return None
    best = max(
        (
            (-_STRICT.index(each.role), len(set(each.tags) & column.inherited), each.name)
            for each in FINDINGS.values()
            if each.role in _STRICT and each.tags[0] in column.inherited and each.tags[0] != "role.quasi"
        ),
        default=None,
    )
    return Evidence(best[2], 0.85, LINEAGE, "derived from a column that bears such tags") if best else None


DETECTOR = Detector(
    name="lineage",
    title="What tagged columns became",
    finding="unique",
    kinds=ANY,
    judge=_derived,
)
