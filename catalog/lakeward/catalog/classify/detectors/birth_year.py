"""Years of a person's life, and bands of ages."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED, Kind

DETECTOR = Detector(
    name="birth_year",
    title="Years and age bands",
    finding="year",
    source="45 CFR 164.514(b)(2)(i)(C)",
    names=(
        "birth year",
        "yob",
        "anchor year",
        "year group|@person",
        "age group|category|bucket|band|range|plus|cat|bracket|quantile|decade",
        "year death|admission|discharge|diagnosis|visit|encounter|onset",
    ),
    hints=("$year !academic !fiscal !financial !model !manufacture !school", "multiple birth"),
    kinds=CODED | {Kind.FLOAT},
)
