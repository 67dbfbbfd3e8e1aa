"""Hardware addresses of network cards and access points."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="mac_address",
    title="MAC addresses",
    finding="device",
    source="IEEE 802; 28 CFR 202.234",
    kinds=TEXTUAL,
    shape=re.compile(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}|([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"),
    alone=0.95,
)
