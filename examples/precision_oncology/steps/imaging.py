"""Select the series that may be compared, and describe each by fifteen numbers."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

import numpy as np

from precision_oncology.readers.dicom import Image, Pixels, read_pixels

THICKEST: Final = 3.0  # mm
MODALITIES: Final = frozenset({"CT"})
FEATURES: Final = (
    "contrast", "homogeneity", "energy", "correlation", "dissimilarity", "asm", "mean", "sd", "p10", "p90",
    "entropy", "skewness", "largest_area", "eccentricity", "solidity",
)  # fmt: skip
_TEXTURES: Final = ("contrast", "homogeneity", "energy", "correlation", "dissimilarity", "ASM")
_LEVELS: Final = 16
Row = dict[str, Any]


def reason_to_leave_out(image: Image) -> str | None:
    """Say why a series cannot be compared with others, or None when it can."""
    row = image.row
    if not image.has_pixels:
        return row["finding"]
    if row["Modality"] not in MODALITIES:
        return "the modality is not CT"
    if row["ConvolutionKernel"] is None:
        return "a CT without convolution kernel"
    thickness = _number(row["SliceThickness"])
    return None if thickness is not None and thickness <= THICKEST else "a CT thicker than 3 mm"


def selection_rows(images: Iterable[Image]) -> list[Row]:
    """Judge every series; a series that is left out keeps its row and the reason."""
    rows = []
    for image in images:
        reason = reason_to_leave_out(image)
        rows.append(
            {
                "series_key": series_key(image), "local_id": image.row["PatientID"],
                "object_sha256": image.row["object_sha256"], "is_selected": reason is None, "reason": reason,
            }
        )  # fmt: skip
    return rows


def feature_rows(images: Iterable[Image]) -> list[Row]:
    """Describe the series that were selected."""
    return [
        {
            "series_key": series_key(image),
            "local_id": image.row["PatientID"],
            "modality": image.row["Modality"],
        }
        | dict(zip(FEATURES, features(read_pixels(image)), strict=True))
        for image in images
        if reason_to_leave_out(image) is None
    ]


def series_key(image: Image) -> str:
    """Name a series without its UID, which may embed a date."""
    return sha256(f"series|{image.row['SeriesInstanceUID']}".encode()).hexdigest()[:16]


def features(pixels: Pixels) -> list[float]:
    """Measure texture, intensity and the largest bright region of a plane, in the order of `FEATURES`."""
    return [*_texture(pixels), *_intensity(pixels), *_largest_region(pixels)]


def _texture(pixels: Pixels) -> list[float]:
    from skimage.feature import graycomatrix, graycoprops  # noqa: PLC0415  # a second to import

    edges = np.quantile(pixels, np.linspace(0, 1, _LEVELS + 1)[1:-1])
    levels = np.digitize(pixels, edges).astype("uint8")
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    matrix = graycomatrix(levels, [1, 2], angles, levels=_LEVELS, symmetric=True, normed=True)  # type: ignore[no-untyped-call]
    return [float(graycoprops(matrix, name).mean()) for name in _TEXTURES]  # type: ignore[no-untyped-call]


def _intensity(pixels: Pixels) -> list[float]:
    share = np.histogram(pixels, 64)[0] / pixels.size
    share = share[share > 0]
    spread = pixels.std()
    skewness = ((pixels - pixels.mean()) ** 3).mean() / spread**3 if spread else 0.0
    low, high = np.percentile(pixels, [10, 90])
    entropy = -(share * np.log2(share)).sum()
    return [float(each) for each in (pixels.mean(), spread, low, high, entropy, skewness)]


def _largest_region(pixels: Pixels) -> list[float]:
    from skimage.filters import threshold_otsu  # noqa: PLC0415
    from skimage.measure import label, regionprops  # noqa: PLC0415

    regions = regionprops(label(pixels > threshold_otsu(pixels)))  # type: ignore[no-untyped-call]
    if not regions:
        return [0.0, 0.0, 0.0]
    largest = max(regions, key=lambda region: region.area)
    return [float(largest.area), float(largest.eccentricity), float(largest.solidity)]


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
