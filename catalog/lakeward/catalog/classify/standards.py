"""Fields that a standard names by a keyword or a code, so that the words of the name say too little."""

import re
from collections.abc import Mapping
from functools import cache

from lakeward.catalog.classify.words import read_list

_SDTM_LENGTH = 8  # as SAS transport files have it
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


_SDTM: tuple[tuple[str, str], ...] = (
    ("usubjid", "person_key"), ("subjid", "person_key"), ("invid", "staff"), ("invnam", "staff"), ("siteid", "facility"),
    ("brthdtc", "birth_date"), ("dthfl", "health"), ("ageu", "technical"), ("domain", "technical"), ("seq", "technical"),
    ("ethnic", "race"), ("country", "state"), ("armcd", "health"), ("arm", "health"), ("orresu", "technical"),
    ("stresu", "technical"), ("dosu", "technical"), ("ornrlo", "technical"), ("ornrhi", "technical"),
    ("dtc", "date"), ("stdy", "date"), ("endy", "date"), ("dy", "date"), ("dtm", "date"), ("sdt", "date"),
    ("edt", "date"), ("term", "diagnosis"), ("decod", "diagnosis"), ("bodsys", "diagnosis"), ("trt", "drug"),
    ("dose", "drug"), ("sev", "health"), ("ser", "health"), ("rel", "health"), ("out", "health"), ("acn", "health"),
    ("orres", "health"), ("stresc", "health"), ("stresn", "health"), ("testcd", "health"), ("test", "health"),
    ("nrind", "health"), ("loc", "health"), ("stat", "health"), ("grpid", "technical"),
)  # fmt: skip
_REDCAP: Mapping[str, str] = {
    "redcap_event_name": "technical", "redcap_repeat_instrument": "technical", "redcap_repeat_instance": "technical",
    "redcap_survey_identifier": "unique", "redcap_data_access_group": "facility",
}  # fmt: skip
_NHANES: Mapping[str, str] = {
    "seqn": "person_key", "riagendr": "sex", "ridageyr": "age", "ridagemn": "age", "ridexagm": "age", "ridreth1": "race",
    "ridreth3": "race", "dmdborn4": "race", "dmdcitzn": "race", "dmdyrsus": "year", "dmdeduc2": "occupation",
    "dmdeduc3": "occupation", "dmdmartl": "marital", "dmdmartz": "marital", "dmqmiliz": "occupation",
    "dmdhhsiz": "living", "dmdfmsiz": "living", "indhhin2": "financial", "indfmin2": "financial",
    "indfmpir": "financial", "ridexprg": "pregnancy", "ridexmon": "date", "sddsrvyr": "technical",
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
    for look_up in (_of_hl7, _of_x12, _of_plink, _of_sdtm, _of_redcap, _of_nhanes, _of_biobank):
        found = look_up(code, names)
        if found:
            return found
    return None


_Found = tuple[str, str] | None


def _of_hl7(code: str, _names: frozenset[str]) -> _Found:
    segment = _SEGMENT.fullmatch(code)
    finding = _HL7[segment[1]].get(int(segment[2])) if segment else None
    return (finding, "HL7 v2, a field of a segment") if finding else None


def _of_x12(code: str, _names: frozenset[str]) -> _Found:
    return (_X12[code], "X12, an element") if code in _X12 else None


def _of_plink(code: str, names: frozenset[str]) -> _Found:
    return (_PLINK[code], "PLINK") if code in _PLINK and {"fid", "iid"} <= names else None


def _of_sdtm(code: str, names: frozenset[str]) -> _Found:
    if "usubjid" not in names or len(code) > _SDTM_LENGTH:
        return None
    finding = next((finding for ending, finding in _SDTM if code.endswith(ending)), None)
    return (finding, "CDISC SDTM") if finding else None


def _of_redcap(code: str, _names: frozenset[str]) -> _Found:
    return (_REDCAP[code], "REDCap") if code in _REDCAP else None


def _of_nhanes(code: str, names: frozenset[str]) -> _Found:
    return (_NHANES[code], "NHANES") if code in _NHANES and "seqn" in names else None


def _of_biobank(code: str, names: frozenset[str]) -> _Found:
    field = _BIOBANK.fullmatch(code)
    finding = _SHOWCASE.get(int(field[1])) if field and names & {"eid", "f.eid", "n_eid"} else None
    return (finding, "UK Biobank, a field") if finding else None
