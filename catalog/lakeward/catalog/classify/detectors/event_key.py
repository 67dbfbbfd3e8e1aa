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
        "lab|result|measurement|observation|procedure|vital|immunization|test|exam|sleep|activity $id"
        "|key|uid|reference"
        "|accession !concept !type !source !category",
        "encounter|visit|episode|discharge|admission|claim|appointment|referral|run|trip|specimen|request|transaction"
        "|invoice|chart|record|dispense|event|report|note|document|prescription|image|radiology|study|series|instance"
        "|session|survey|tracking|order|allergy|problem|payment|bed|message|coverage|policy|consent|registration|log"
        " $@key !concept !sequence !line !group !site !arm !drg !type !source !disposition !location"
        " !category !status"
        " !method !load !test !department !ward",
        "encounter|visit|specimen|claim $encounter|visit|specimen|claim !sequence !concept !number"
        " !total !count !cause"
        " !type",
        "sample|specimen $name",
        "=claim control",
        "poe|epikey $@key|poe|epikey",
    ),
    kinds=CODED | {Kind.FLOAT},
)
