"""Telephone numbers."""

import re

from lakeward.catalog.classify.detector import Detector

_LEAST, _MOST = 7, 15


def _has_digits(text: str) -> bool:
    return _LEAST <= sum(each.isdigit() for each in text.lower().split("x")[0]) <= _MOST


DETECTOR = Detector(
    name="phone",
    title="Telephone numbers",
    finding="phone",
    source="45 CFR 164.514(b)(2)(i)(D); ITU-T E.164",
    names=("phone", "telecom", "contact|cell|emergency $number"),
    shape=re.compile(
        r"(tel:)?(\+\d{1,3}[\s.-]?)?(\(\d{2,5}\)[\s.-]?\d{2,4}|\d{3}[.-]\d{3}|\+\d{2,4}|0\d{2,4}[\s/-]\d{2,4}|1-\d{3}-\d{3})"
        r"[\d\s.-]{0,10}\d(\s?(x|ext\.?)\s?\d{1,6})?"
    ),
    check=_has_digits,
    alone=0.9,
)
