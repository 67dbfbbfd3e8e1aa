"""Advertising identifiers of phones and televisions."""

from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="advertising",
    title="Advertising identifiers",
    finding="advertising",
    source="28 CFR 202.234",
    names=("advertising", "advertising id"),
)
