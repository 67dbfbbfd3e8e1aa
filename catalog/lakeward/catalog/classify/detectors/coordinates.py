"""Positions on Earth."""

import re

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import SHAPE, Detector, Evidence
from lakeward.catalog.classify.kinds import Kind


def _is_pair(column: Column, _table: TableContext) -> Evidence | None:
    """`41.15, -101.78`, `POINT(...)`."""
    if column.kind is not Kind.TEXT or column.sample is None:
        return None
    rate = column.sample.rate(_PAIR)
    return (
        Evidence("coordinates", 0.9, SHAPE, f"pairs of degrees in {rate:.0%} of values")
        if rate > _MOST
        else None
    )


_MOST = 0.8
_PAIR = re.compile(r"\(?-?\d{1,2}\.\d{3,}[,; ]\s*-?\d{1,3}\.\d{3,}\)?|POINT ?Z? ?\(.*\)|geo:-?\d.*")

DETECTOR = Detector(
    name="coordinates",
    title="Coordinates",
    finding="coordinates",
    source="28 CFR 202.242; 45 CFR 164.514(b)(2)(i)(B)",
    names=("latitude|longitude", "geo !region !accession", "=long", "altitude", "=x coordinate", "gps"),
    kinds=frozenset({Kind.FLOAT, Kind.TEXT, Kind.INTEGER, Kind.NESTED, Kind.UNKNOWN}),
    judge=_is_pair,
)
