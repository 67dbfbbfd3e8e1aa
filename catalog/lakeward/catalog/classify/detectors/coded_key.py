"""A code that differs in every row: a prefix and digits, or long numbers."""

import re

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import SHAPE, Detector, Evidence
from lakeward.catalog.classify.kinds import Kind

_CODE = re.compile(r"[A-Za-z]{0,6}[-_:/#]?[A-Za-z]{0,3}\d[\dA-Za-z-]{4,30}")
_DIGITS = 5
_UNIQUE, _ROWS = 0.9, 12


def _is_code(text: str) -> bool:
    return sum(each.isdigit() for each in text) >= _DIGITS and not text.count(".")


def _differs_everywhere(column: Column, table: TableContext) -> Evidence | None:
    sample = column.sample
    if sample is None or table.is_reference or sample.rows < _ROWS or sample.uniqueness < _UNIQUE:
        return None
    if column.kind is Kind.FLOAT or sample.rate(_CODE, _is_code) < _UNIQUE:
        return None
    prefixes = {re.match(r"[A-Za-z]*", each)[0] for each in sample.texts}  # type: ignore[index]
    lengths = {len(each) for each in sample.texts}
    is_made = len(prefixes) == 1 and len(lengths) <= 3 and column.kind is not Kind.INTEGER  # noqa: PLR2004
    weight = 0.7 if is_made and table.is_about_persons else 0.45
    return Evidence("unique", weight, SHAPE, f"codes that differ in {sample.uniqueness:.0%} of rows")


DETECTOR = Detector(
    name="coded_key",
    title="Codes that differ in every row",
    finding="unique",
    source="45 CFR 164.514(b)(2)(i)(R)",
    judge=_differs_everywhere,
)
