"""Rows of a dictionary, a directory of things or a stock: no person is described."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import CONTEXT, Detector, Evidence
from lakeward.catalog.classify.kinds import ANY, Kind


def _of_no_person(column: Column, table: TableContext) -> Evidence | None:
    if table.is_reference and not column.parsed.is_opaque:
        return Evidence("reference", 0.8, CONTEXT, "a table without persons")
    return None


DETECTOR = Detector(
    name="reference",
    title="Rows without persons",
    finding="reference",
    kinds=ANY - {Kind.BINARY, Kind.NESTED},
    judge=_of_no_person,
)
