"""IP addresses."""

import re

from lakeward.catalog.classify import checksums
from lakeward.catalog.classify.detector import Detector

_V4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?")


def _is_address(text: str) -> bool:
    return checksums.ipv4(text) if _V4.fullmatch(text) else text.count(":") > 1


DETECTOR = Detector(
    name="ip_address",
    title="IP addresses",
    finding="ip",
    source="45 CFR 164.514(b)(2)(i)(O)",
    names=("$ip !version !payment !amount !cost !charge !day !@health", "ip address|client|remote|source"),
    shape=re.compile(_V4.pattern + r"|(?=.*::)[0-9A-Fa-f:.]{2,45}|([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"),
    check=_is_address,
    alone=0.93,
)
