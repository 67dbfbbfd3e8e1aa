"""Fields that a standard names by a keyword or a code, so that the words of the name say too little."""

import re
from collections.abc import Mapping
from functools import cache

from lakeward.catalog.classify.words import read_list

_SDTM_LENGTH = 8  # as SAS transport files have it
_SEGMENT = re.compile(r"(pid|nk1|pv1|obx|dg1|in1)[._-]?(\d{1,2})([._-]\d+)*")
_BIOBANK = re.compile(r"(?:f\.|[xpn]_?)?(\d{2,5})(?:[-_.]\d{1,2}[._]\d{1,3}|_i\d+(?:_a\d+)?|_a\d+)")


@cache
def _fields(standard: str) -> Mapping[str, str]:
    """Give the fields of a standard, code to finding, in the order of the list."""
    lines = [line.partition(": ") for line in read_list("coded_fields")]
    pairs = (pair.partition("=") for name, _, rest in lines if name == standard for pair in rest.split())
    return {code: finding for code, _, finding in pairs}


@cache
def dicom_attributes() -> Mapping[str, str]:
    """Give the protected attributes, keyword to action (DICOM PS3.15, table E.1-1)."""
    pairs = (line.split(" ", 1) for line in read_list("dicom_ps315"))
    return {keyword: action for keyword, action in pairs}  # noqa: C416  pairs that are lists


@cache
def dicom_technical() -> frozenset[str]:
    """Give attributes about equipment and picture."""
    return frozenset(word for line in read_list("dicom_technical") for word in line.split())


def coded_field(name: str, names: frozenset[str]) -> tuple[str, str] | None:
    """Give what a bare code stands for, and the standard; None when it is none.

    Args:
        name: The column's name.
        names: The names of all columns, in lower case: `fid` means PLINK only beside `iid`.
    """
    code = name.casefold()
    for look_up in (_of_hl7, _of_x12, _of_plink, _of_sdtm, _of_redcap, _of_nhanes, _of_biobank):
        found = look_up(code, names)
        if found:
            return found
    return None


_Found = tuple[str, str] | None


def _of_hl7(code: str, _names: frozenset[str]) -> _Found:
    segment = _SEGMENT.fullmatch(code)
    finding = _fields(segment[1]).get(segment[2]) if segment else None
    return (finding, "HL7 v2, a field of a segment") if finding else None


def _of_x12(code: str, _names: frozenset[str]) -> _Found:
    return _known("x12", code, "X12, an element")


def _of_plink(code: str, names: frozenset[str]) -> _Found:
    return _known("plink", code, "PLINK") if {"fid", "iid"} <= names else None


def _of_sdtm(code: str, names: frozenset[str]) -> _Found:
    if "usubjid" not in names or len(code) > _SDTM_LENGTH:
        return None
    finding = next((finding for ending, finding in _fields("sdtm").items() if code.endswith(ending)), None)
    return (finding, "CDISC SDTM") if finding else None


def _of_redcap(code: str, _names: frozenset[str]) -> _Found:
    return _known("redcap", code, "REDCap")


def _of_nhanes(code: str, names: frozenset[str]) -> _Found:
    return _known("nhanes", code, "NHANES") if "seqn" in names else None


def _of_biobank(code: str, names: frozenset[str]) -> _Found:
    field = _BIOBANK.fullmatch(code)
    is_there = field and names & {"eid", "f.eid", "n_eid"}
    return _known("biobank", field[1], "UK Biobank, a field") if field and is_there else None


def _known(standard: str, code: str, detail: str) -> _Found:
    finding = _fields(standard).get(code)
    return (finding, detail) if finding else None
