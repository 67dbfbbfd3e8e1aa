"""CT slices with pixels and headers, written by pydicom."""

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, generate_uid

from precision_oncology.generator.hazards import SCANNED
from precision_oncology.generator.people import Person

SIDE: Final = 128
WITHOUT_KERNEL, THICK, PRIVATE, REPEATED, TRUNCATED = (
    1,
    2,
    3,
    4,
    5,
)  # planted, by index of the scanned patients


def write_imaging(folder: Path, people: list[Person], seed: int, rng: np.random.Generator) -> None:
    """Write one CT to each of the last patients, and one file each that is repeated, truncated, not DICOM."""
    folder.mkdir(parents=True)
    for index, person in enumerate(people[-SCANNED:]):
        scan = _ct(index, person, seed, rng)
        scan.save_as(folder / f"ct_{index:03d}.dcm", enforce_file_format=True)
    (folder / "zz_repeated.dcm").write_bytes((folder / f"ct_{REPEATED:03d}.dcm").read_bytes())
    truncated = folder / f"ct_{TRUNCATED:03d}.dcm"
    truncated.write_bytes(truncated.read_bytes()[:-5000])
    (folder / "zz_not_dicom.dcm").write_bytes(b"JPEG or so\n" * 40)


def local_id(index: int) -> str:
    """Name the patient as the imaging department does."""
    return f"RIS-{index:04d}"


def _ct(index: int, person: Person, seed: int, rng: np.random.Generator) -> Dataset:
    uid = UID(generate_uid(prefix="2.25.", entropy_srcs=[str(seed), str(index), "sop"]))
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    scan = Dataset()
    scan.file_meta, scan.SOPClassUID, scan.SOPInstanceUID = meta, CTImageStorage, uid
    scan.SpecificCharacterSet = "ISO_IR 192"
    scan.StudyInstanceUID = generate_uid(prefix="2.25.", entropy_srcs=[str(seed), str(index), "study"])
    scan.SeriesInstanceUID = generate_uid(prefix="2.25.", entropy_srcs=[str(seed), str(index), "series"])
    scan.PatientID, scan.PatientName = local_id(index), f"{person.family}^{person.given}"
    scan.PatientBirthDate, scan.PatientSex = person.birth_date.strftime("%Y%m%d"), person.gender[0].upper()
    scan.StudyDate, scan.Modality, scan.BurnedInAnnotation = "20260115", "CT", "NO"
    scan.InstitutionName, scan.OperatorsName, scan.StationName = "GENERAL HOSPITAL", "Tech^One", "CT01"
    scan.BodyPartExamined = "CHEST"
    scan.SliceThickness = "5.0" if index == THICK else "2.5"
    if index != WITHOUT_KERNEL:
        scan.ConvolutionKernel = "B30f"
    if index == PRIVATE:
        scan.private_block(0x0009, "VENDOR", create=True).add_new(0x01, "LO", person.family)
    _draw(scan, rng)
    return scan


def _draw(scan: Dataset, rng: np.random.Generator) -> None:
    scan.Rows = scan.Columns = SIDE
    scan.PixelSpacing, scan.RescaleSlope, scan.RescaleIntercept = ["0.7", "0.7"], "1", "-1024"
    scan.SamplesPerPixel, scan.PhotometricInterpretation = 1, "MONOCHROME2"
    scan.BitsAllocated = scan.BitsStored = 16
    scan.HighBit, scan.PixelRepresentation = 15, 0
    scan.PixelData = (_nodule(rng) + 1024).clip(0, 65535).astype("<u2").tobytes()


def _nodule(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draw lung with one bright round nodule, in Hounsfield units."""
    down, across = np.mgrid[:SIDE, :SIDE]
    slice_: npt.NDArray[np.float64] = rng.normal(-600, 40, (SIDE, SIDE))
    slice_[(down - SIDE / 2) ** 2 + (across - SIDE / 2) ** 2 < rng.uniform(4, 14) ** 2] = rng.normal(40, 25)
    return slice_
