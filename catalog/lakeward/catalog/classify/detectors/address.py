"""Places smaller than a state: streets, cities, counties, ZIP codes, census tracts."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED

_SUFFIX = (
    r"(?i:st(reet)?|ave(nue)?|r(oa)?d|blvd|boulevard|dr(ive)?|lane|ln|c(our)?t|pl(ace)?|way|pkwy|parkway|cir(cle)?"
    r"|sq(uare)?|ter(race)?|hwy|highway|trail|trl|loop|alley|apt|suite|unit|p\.?\s?o\.? box)"
)
_STREET = (
    rf"\d{{1,6}}[A-Za-z]?\s+([\w.'-]+\s+){{1,5}}?{_SUFFIX}\b\.?.*"
    r"|\d{2,6}\s+[A-Z][\w.'-]+(\s+[A-Z][\w.'-]+){1,3}(,?\s+(Apt|Suite|Unit|Ste)\.?\s*\w+)?"
    r"|(?i:p\.?\s?o\.? box \d+).*"
    r"|[A-Z][\w.'-]+ ?(?i:stra(ß|ss)e|str\.|weg|platz|allee|gasse|straat|laan)\s*\d+\s*\w?"
    r"|\d{1,4},?\s+(rue|avenue|place|chemin|impasse|calle|via|all[ée]e)\s+.+"
)

DETECTOR = Detector(
    name="address",
    title="Addresses and places smaller than a state",
    finding="address",
    source="45 CFR 164.514(b)(2)(i)(B)",
    names=(
        "address !ip !mac !email !endpoint",
        "street|city|county|zip|tract|fips|district|apartment",
        "birth place|city|state|location|country",
        "place death|birth|residence|living",
        "birthplace",
        "add line",
        "census",
        "location $@key|reference",
        "neighborhood|neighbourhood|precinct|quartier",
        "postal",
        "home|residence location|code|area",
    ),
    hints=("=line",),
    kinds=CODED,
    shape=re.compile(_STREET),
    rate=0.7,
    alone=0.88,
)
