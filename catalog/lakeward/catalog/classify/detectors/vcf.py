"""Columns of a Variant Call Format file, by the header that it prescribes."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import STANDARD, Detector, Evidence
from lakeward.catalog.classify.kinds import ANY

HEADER = frozenset({"chrom", "pos", "id", "ref", "alt", "qual", "filter", "info", "format"})
_TECHNICAL = frozenset({"qual", "filter", "format", "fileformat", "reference", "reference_assembly"})
_GENOMIC = frozenset(
    {"chrom", "pos", "id", "ref", "alt", "info", "gt", "gq", "dp", "ad", "pl", "ps", "af", "ac", "genotype"}
)


def _by_header(column: Column, table: TableContext) -> Evidence | None:
    name = column.name.casefold().lstrip("#")
    if "vcf" not in table.standards:
        return None
    if name in _TECHNICAL:
        return Evidence("technical", 0.9, STANDARD, "VCF, a column about the call")
    return Evidence("genomic", 0.95, STANDARD, "VCF, a column of a variant") if name in _GENOMIC else None


DETECTOR = Detector(
    name="vcf",
    title="VCF columns",
    finding="genomic",
    source="VCF 4.3",
    kinds=ANY,
    judge=_by_header,
)
