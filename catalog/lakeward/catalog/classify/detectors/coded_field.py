"""Fields that standards know by a code alone: HL7 v2 segments, X12 elements, PLINK, UK Biobank."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import STANDARD, Detector, Evidence
from lakeward.catalog.classify.kinds import ANY
from lakeward.catalog.classify.standards import coded_field


def _by_code(column: Column, table: TableContext) -> Evidence | None:
    found = coded_field(column.name, table.names)
    return Evidence(found[0], 0.85, STANDARD, found[1]) if found else None


DETECTOR = Detector(
    name="coded_field",
    title="Fields known by a code alone",
    finding="unique",
    source="HL7 v2.9; ASC X12 837; CDISC SDTM; REDCap; PLINK; NHANES; UK Biobank",
    kinds=ANY,
    judge=_by_code,
)
