"""A person's money: charges, payments, income."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import Kind

DETECTOR = Detector(
    name="financial",
    title="Charges, payments, income",
    finding="financial",
    source="28 CFR 202.240",
    names=("amount|charge|cost|payment|balance|debt|income|price !type !currency !source !id !key",),
    kinds=frozenset({Kind.FLOAT, Kind.INTEGER, Kind.TEXT, Kind.UNKNOWN}),
)
