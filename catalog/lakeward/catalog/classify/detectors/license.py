"""Certificate and licence numbers."""

from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="license",
    title="Certificate and licence numbers",
    finding="license",
    source="45 CFR 164.514(b)(2)(i)(K)",
    names=("license !software !data !model", "certificate $@key|certificate"),
)
