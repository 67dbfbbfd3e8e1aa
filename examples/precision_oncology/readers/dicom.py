"""DICOM with pydicom: a row of the header, and pixels where there are any.

Private elements are not read: nobody knows what a vendor put there.
"""

import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.data import get_testdata_file
from pydicom.errors import InvalidDicomError

from precision_oncology.readers.objects import RawObject, Rejected
from precision_oncology.tables.bronze import IMAGING_DICOM_HEADERS

HEADER: Final = tuple(
    c.name for c in IMAGING_DICOM_HEADERS.columns if c.name not in {"object_sha256", "finding"}
)
BUNDLED: Final = ("CT_small.dcm", "MR_small.dcm", "693_J2KI.dcm", "examples_overlay.dcm")
_DATE = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\Z")
_PLANES, _COLOURS = 3, 4
Pixels = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Image:
    """One DICOM instance: its header row, and whether it has pixels; if not, `row["finding"]` says why.

    Pixels are not kept: a folder of images would not fit into memory.
    """

    raw: RawObject
    row: dict[str, str | None]
    has_pixels: bool


@dataclass(frozen=True, slots=True)
class Imaging:
    """All images of a delivery, and the files that are not."""

    images: tuple[Image, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def bundled_files() -> list[Path]:
    """Find the public DICOM files inside the installed pydicom wheel; never downloads."""
    found = [get_testdata_file(name, download=False) for name in BUNDLED]
    return [Path(path) for path in found if isinstance(path, str)]


def read_imaging(objects: list[RawObject]) -> Imaging:
    """Read DICOM files; what is not DICOM, or repeats an instance, is left out with the reason."""
    images: list[Image] = []
    rejected: list[Rejected] = []
    seen: set[str | None] = set()
    for raw in objects:
        image = read_image(raw)
        if isinstance(image, Image) and image.row["SOPInstanceUID"] in seen:
            image = Rejected(raw, "this SOPInstanceUID was already read from another file")
        if isinstance(image, Rejected):
            rejected.append(image)
            continue
        seen.add(image.row["SOPInstanceUID"])
        images.append(image)
    return Imaging(tuple(images), tuple(rejected))


def read_image(raw: RawObject) -> Image | Rejected:
    """Read one file; a header without usable pixels is an image whose `finding` says why."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns about values of the file, and quotes them
        try:
            dataset = pydicom.dcmread(raw.path)
        except InvalidDicomError:
            return Rejected(raw, "not a DICOM file: the file meta header or the 'DICM' prefix is missing")
        except (EOFError, OSError, ValueError, NotImplementedError) as error:
            return Rejected(raw, f"the DICOM header cannot be read ({type(error).__name__})")
        row = {keyword: _text(dataset, keyword) for keyword in HEADER} | {"object_sha256": raw.sha256}
        if row["SOPInstanceUID"] is None:
            return Rejected(raw, "the DICOM header has no SOPInstanceUID")
        return _with_pixels(Image(raw, row | {"finding": _implausible(row)}, has_pixels=False), dataset)


def read_pixels(image: Image) -> Pixels:
    """Read the plane of an image that has pixels, in the units of its rescale."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        return _plane(pydicom.dcmread(image.raw.path))


def _text(dataset: pydicom.Dataset, keyword: str) -> str | None:
    value = dataset.get(keyword)
    return None if value in (None, "") else str(value)


def _implausible(row: dict[str, str | None]) -> str | None:
    birth = row["PatientBirthDate"]
    return "the birth date is implausible" if birth and not _DATE.match(birth) else None


def _with_pixels(image: Image, dataset: pydicom.Dataset) -> Image:
    try:
        _plane(dataset)
        return replace(image, has_pixels=True)
    except AttributeError:
        reason = "no pixel data"
    except ValueError:
        reason = "the pixel data is cut short"
    except (RuntimeError, NotImplementedError):
        reason = "no decoder for its pixel data"
    found = "; ".join(each for each in (image.row["finding"], reason) if each)
    return replace(image, row=image.row | {"finding": found})


def _plane(dataset: pydicom.Dataset) -> Pixels:
    """Take one plane: the mean of the colours, or the first of many frames."""
    pixels: Pixels = dataset.pixel_array.astype("float64")
    if pixels.ndim == _PLANES:
        pixels = pixels[0] if pixels.shape[-1] > _COLOURS else pixels.mean(-1)
    slope, intercept = dataset.get("RescaleSlope", 1) or 1, dataset.get("RescaleIntercept", 0) or 0
    return pixels * float(slope) + float(intercept)
