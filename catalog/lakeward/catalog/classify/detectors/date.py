"""Dates and times of a person's life."""

import re

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import NAME, TYPE, Detector, Evidence
from lakeward.catalog.classify.kinds import CODED, TEMPORAL, Kind

_ON = re.compile(r"[a-zA-Z](_at|_on|(?<=[a-z])(At|On))$")  # created_at, authoredOn


def _by_type(column: Column, _table: TableContext) -> Evidence | None:
    if column.kind in CODED and column.parsed.words and _ON.search(column.name):
        return Evidence("date", 0.88, NAME, "a name that ends like that of a moment")
    if column.kind in {Kind.DATE, Kind.TIMESTAMP}:
        return Evidence("date", 0.7, TYPE, f"a {column.kind.value}")
    return None


DETECTOR = Detector(
    name="date",
    title="Dates and times",
    finding="date",
    source="45 CFR 164.514(b)(2)(i)(C)",
    names=(
        "$date",
        "date !@about !@kind",
        "$time !response !process !latency !prothrombin !clotting !reaction !turnaround",
        "time start|end|admission|discharge|death|event|create|update|chart|visit|collection|draw",
        "=death|admission|discharge|onset|update|birth|registration|create|issued|recorded|arrival|departure|dispatch",
        "death|admission|discharge $death|admission|discharge !@kind !source !number !cause",
        "@event|admission|discharge|treatment $start|end",
        "onset|issued|arrival|departure $onset|issued|arrival|departure",
        "period $start|end",
        "offset admission|discharge|result|observation|lab|drug|start|end|visit|note|unit|chart|treatment|"
        "diagnosis|procedure|order|culture|intake|vital|respiration",
        "$day|month|hour @event|death|admission|discharge",
        "day until|since|after|before|relative|followup",
    ),
    hints=("=start", "=end", "$start|end", "$month|week|day|hour", "$update|create|load"),
    kinds=CODED | TEMPORAL | {Kind.FLOAT},
    shape=re.compile(
        r"(19|20)\d{2}[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12]\d|3[01])([T ]\d{1,2}:\d{2}.*)?"
        r"|(0?[1-9]|[12]\d|3[01])[-/. ](0?[1-9]|1[0-2]|[A-Za-z]{3,9})[-/. ](19|20)?\d{2}( \d{1,2}:\d{2}.*)?"
        r"|(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/(19|20)?\d{2}( \d{1,2}:\d{2}.*)?"
    ),
    rate=0.9,
    alone=0.75,
    judge=_by_type,
)
