"""Full-face photographs and comparable images; a head scan can be rendered to a face."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import TEXT, Detector, Evidence
from lakeward.catalog.classify.kinds import Kind


def _is_picture(column: Column, _table: TableContext) -> Evidence | None:
    """Base64 of JPEG or PNG."""
    if column.kind is Kind.TEXT and column.sample:
        share = column.sample.share_with(r"^(data:image/|/9j/4|iVBORw0KGgo)")
        if share > 0.5:  # noqa: PLR2004  most of them
            return Evidence("photo", 0.85, TEXT, f"pictures in text in {share:.0%} of distinct values")
    return None


DETECTOR = Detector(
    name="photo",
    title="Full-face photographs and comparable images",
    finding="photo",
    source="45 CFR 164.514(b)(2)(i)(Q)",
    names=(
        "photo",
        "face image|video|url|path",
        "image url|file|path|attachment|blob",
        "image $data|image !modality",
        "pixel $data|pixel",
        "$video",
    ),
    kinds=frozenset({Kind.TEXT, Kind.BINARY, Kind.NESTED, Kind.UNKNOWN}),
    judge=_is_picture,
)
