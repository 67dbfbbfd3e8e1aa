"""Dates of birth, and their parts."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED, TEMPORAL, Kind

DETECTOR = Detector(
    name="birth_date",
    title="Dates of birth",
    finding="birth_date",
    source="45 CFR 164.514(b)(2)(i)(C)",
    names=(
        "birth date|time|month|day !weight !sex !place",
        "=birth",
        "mob",
        "$birth !place !multiple !weight !sex !order !type !live !still !city !country !state !name",
        "birth @person|@relative !place !weight !sex !order",
    ),
    kinds=CODED | TEMPORAL | {Kind.FLOAT},
)
