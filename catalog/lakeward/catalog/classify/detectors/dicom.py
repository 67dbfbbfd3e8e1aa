"""DICOM attributes as columns: what PS3.15 wants protected, and the technical ones that it leaves alone."""

from lakeward.catalog.classify.column import Column, TableContext
from lakeward.catalog.classify.detector import STANDARD, Detector, Evidence
from lakeward.catalog.classify.kinds import ANY
from lakeward.catalog.classify.standards import dicom_attributes, dicom_technical

_ENDINGS = (
    (("PatientID", "OtherPatientIDs", "IssuerOfPatientID"), "mrn"),
    (("SerialNumber", "DeviceUID", "DeviceID"), "device"),
    (("UID", "UIDs", "ID", "IDs", "Number", "IdentificationSequence"), "event_key"),
    (("BirthDate", "BirthTime"), "birth_date"),
    (("Date", "Time", "DateTime"), "date"),
    (("Age",), "age"),
    (("Sex",), "sex"),
    (("InstitutionName", "StationName", "DepartmentName", "InstitutionAddress", "AETitle"), "facility"),
    (("Address", "Addresses", "Residence"), "address"),
    (("TelephoneNumbers", "TelephoneNumber"), "phone"),
    (("Description", "Comments", "Reason", "Text", "Requirements", "History", "Label",
      "Alerts"), "free_text"),
)  # fmt: skip
_STAFF = (
    "Physician",
    "Operator",
    "Observer",
    "Reviewer",
    "Requester",
    "Author",
    "Interpreter",
    "Performer",
    "Verifying",
)


def _by_attribute(column: Column, table: TableContext) -> Evidence | None:
    name = column.name
    if "dicom" not in table.standards:
        return None
    if name in dicom_technical():
        return Evidence("technical", 0.85, STANDARD, "DICOM, left alone by PS3.15")
    action = dicom_attributes().get(name)
    finding = action and _finding(name)
    if not finding:
        return None
    return Evidence(finding, 0.9, STANDARD, f"DICOM PS3.15, action {action}")


def _finding(name: str) -> str | None:
    if any(word in name for word in _STAFF) and not name.endswith(("Date", "Time")):
        return "staff"
    return next((finding for endings, finding in _ENDINGS if name.endswith(endings)), None)


DETECTOR = Detector(
    name="dicom",
    title="DICOM attributes",
    finding="event_key",
    source="DICOM PS3.15, table E.1-1",
    kinds=ANY,
    judge=_by_attribute,
)
