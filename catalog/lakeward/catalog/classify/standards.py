"""Fields that a standard names by a keyword or a code, so that the words of the name say too little."""

import re
from collections.abc import Mapping
from functools import cache

from lakeward.catalog.classify.words import read_list

_SEGMENT = re.compile(r"(pid|nk1|pv1|obx|dg1|in1)[._-]?(\d{1,2})([._-]\d+)*")
_BIOBANK = re.compile(r"(?:f\.|[xpn]_?)?(\d{2,5})(?:[-_.]\d{1,2}[._]\d{1,3}|_i\d+(?:_a\d+)?|_a\d+)")

_HL7: Mapping[str, Mapping[int, str]] = {
    "pid": {
        2: "mrn", 3: "mrn", 4: "mrn", 5: "person_name", 6: "relative_name", 7: "birth_date", 8: "sex",
        9: "person_name", 10: "race", 11: "address", 12: "address", 13: "phone", 14: "phone", 15: "language",
        16: "marital", 17: "religion", 18: "account", 19: "ssn", 20: "license", 21: "person_key", 22: "race",
        23: "address", 25: "year", 26: "race", 27: "occupation", 28: "race", 29: "date", 30: "health",
        33: "date",
    },
    "nk1": {2: "relative_name", 4: "address", 5: "phone", 6: "phone", 12: "unique", 15: "sex",
            16: "birth_date"},
    "pv1": {
        3: "facility", 5: "event_key", 7: "staff", 8: "staff", 9: "staff", 10: "health", 17: "staff",
        19: "event_key", 36: "health", 44: "date", 45: "date", 50: "event_key", 52: "staff",
    },
    "obx": {3: "health", 5: "health", 8: "health", 14: "date", 16: "staff", 19: "date"},
    "dg1": {3: "diagnosis", 4: "diagnosis", 5: "date", 16: "staff"},
    "in1": {2: "health_plan", 8: "health_plan", 16: "person_name", 18: "birth_date", 19: "address",
            36: "health_plan",
            43: "sex", 49: "health_plan"},
}  # fmt: skip
_X12: Mapping[str, str] = {
    "nm103": "person_name", "nm104": "person_name", "nm105": "person_name", "nm109": "health_plan",
    "n301": "address", "n302": "address", "n401": "address", "n402": "state", "n403": "address",
    "dmg02": "birth_date", "dmg03": "sex", "clm01": "account", "clm02": "financial", "per04": "phone",
    "per06": "phone", "dtp03": "date", "ref02": "unique", "hi01": "diagnosis", "hi02": "diagnosis",
    "sv101": "health", "sv102": "financial", "sbr03": "health_plan",
}  # fmt: skip
_PLINK: Mapping[str, str] = {
    "fid": "person_key", "iid": "person_key", "pat": "person_key", "mat": "person_key", "sex": "sex",
    "phenotype": "health", "pheno": "health",
}  # fmt: skip
_SHOWCASE: Mapping[int, str] = {
    31: "sex", 34: "year", 52: "birth_date", 33: "birth_date", 53: "date", 54: "facility", 21003: "age",
    21022: "age", 21000: "race", 20074: "coordinates", 20075: "coordinates", 129: "coordinates",
    130: "coordinates", 40000: "date", 40001: "diagnosis", 40007: "age", 41270: "diagnosis", 41280: "date",
    20002: "diagnosis", 20003: "drug", 189: "living", 738: "financial", 6142: "occupation",
    6138: "occupation",
    22009: "genomic", 22006: "race",
}  # fmt: skip


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
    if segment := _SEGMENT.fullmatch(code):
        found = _HL7[segment[1]].get(int(segment[2]))
        return (found, f"HL7 v2 {segment[1].upper()}-{segment[2]}") if found else None
    if code in _X12:
        return _X12[code], f"X12 {code.upper()}"
    if code in _PLINK and {"fid", "iid"} <= names:
        return _PLINK[code], "PLINK"
    if (field := _BIOBANK.fullmatch(code)) and ("eid" in names or "f.eid" in names or "n_eid" in names):
        found = _SHOWCASE.get(int(field[1]))
        return (found, f"UK Biobank field {field[1]}") if found else None
    return None
