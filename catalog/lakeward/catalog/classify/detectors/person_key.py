"""Keys of persons."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED, Kind

DETECTOR = Detector(
    name="person_key",
    title="Keys of persons",
    finding="person_key",
    source="45 CFR 164.514(b)(2)(i)(R)",
    names=(
        "@person|relative|mother|father|family|household|twin $@key|code !@thing !@demographic"
        " !type !status !category !county"
        " !group !site",
        "=@person",
        "$pid",
        "$patient|subject|participant|respondent|person|beneficiary|subscriber|insured|proband !@health"
        " !@about !@kind"
        " !@time !amount !cost !payment !charge !number !total !count",
        "link|linkage|crosswalk $@key",
        "=father id|mother id",
    ),
    kinds=CODED | {Kind.FLOAT},
)
