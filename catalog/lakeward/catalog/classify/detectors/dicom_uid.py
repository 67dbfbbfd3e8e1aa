"""DICOM unique identifiers."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="dicom_uid",
    title="DICOM UIDs",
    finding="unique",
    source="DICOM PS3.5, 9.1",
    names=("study|series|instance|sop|frame $uid",),
    kinds=TEXTUAL,
    shape=re.compile(r"[0-2]\.\d{1,3}(\.(0|[1-9]\d*)){3,}"),
    alone=0.9,
)
