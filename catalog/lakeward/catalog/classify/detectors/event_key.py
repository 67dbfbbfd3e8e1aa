"""Keys of events in a person's care: encounters, orders, specimens, claims."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED, Kind

DETECTOR = Detector(
    name="event_key",
    title="Keys of events in a person's care",
    finding="event_key",
    source="45 CFR 164.514(b)(2)(i)(R)",
    names=(
        "=encounter|visit|stay|hadm|accession|admission|claim|specimen",
        "hadm",
        "accession",
        "occurrence|exposure|era|period|parent $@key",
        "stay $@key|stay !length !day !hour !duration !amount !cost",
        "@event $@key|encounter|visit !concept !sequence !line !group !site !arm !drg",
        "encounter|visit|specimen|claim $encounter|visit|specimen|claim !sequence !concept !number"
        " !total !count",
        "sample|specimen $name|specimen",
        "=claim control",
        "poe|epikey $@key|poe|epikey",
    ),
    kinds=CODED | {Kind.FLOAT},
)
