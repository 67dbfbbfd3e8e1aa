"""Places of care: where a person was is smaller than a state."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED, Kind

DETECTOR = Detector(
    name="facility",
    title="Facilities, and addresses of organisations",
    finding="facility",
    source="45 CFR 164.514(b)(2)(i)(B)",
    names=(
        "@org !employer address|street|city|county|zip|zip3|latitude|longitude|district|fips",
        "hospital|facility|clinic|institution|school|site|laboratory|pharmacy|practice|care $@key|code"
        "|name|display"
        " !@event !body",
        "=hospital|facility|clinic|institution|school|site|practice",
        "$room",
        "room $number|id|code|name",
        "timezone",
        "care site",
        "location facility|hospital|clinic|site|code|name !admission !discharge",
        "$facility|institution|hospital|clinic !time !number !type !stay",
        "source site tissue",
    ),
    hints=("=location|site",),
    kinds=CODED | {Kind.FLOAT},
)
