"""Other 'omic data: expression, methylation, proteins."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import Kind

DETECTOR = Detector(
    name="omic",
    title="Expression, methylation, proteins",
    finding="omic",
    source="28 CFR 202.224",
    names=("expression|methylation", "protein level|abundance|intensity", "count gene|transcript"),
    kinds=frozenset({Kind.FLOAT, Kind.INTEGER, Kind.NESTED, Kind.UNKNOWN}),
)
