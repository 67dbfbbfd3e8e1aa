"""A number with places, or a coded value, beside a person's key: a measurement of that person."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import CONTEXT, Detector, Evidence
from lakeward.catalog.classify.kinds import MEASURED, Kind
from lakeward.catalog.classify.words import groups


def _beside_a_person(column: Column, table: TableContext) -> Evidence | None:
    if not table.is_about_persons or table.is_reference or column.words & groups()["identifying"]:
        return None
    if column.kind is Kind.FLOAT:
        return Evidence("health", 0.5, CONTEXT, "a measured number beside a person's key")
    sample = column.sample
    if sample and sample.is_categorical and not column.parsed.is_opaque and column.kind is not Kind.UNKNOWN:
        return Evidence("health", 0.45, CONTEXT, "a coded value beside a person's key")
    return None


DETECTOR = Detector(
    name="measured",
    title="Measured numbers and coded values beside a person's key",
    finding="health",
    kinds=MEASURED,
    judge=_beside_a_person,
)
