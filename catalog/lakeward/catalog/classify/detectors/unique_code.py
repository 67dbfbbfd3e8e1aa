"""Any other unique code: hashes, pseudonyms, UUIDs."""

import re

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED, Kind

DETECTOR = Detector(
    name="unique_code",
    title="Hashes, pseudonyms, UUIDs and other unique codes",
    finding="unique",
    source="45 CFR 164.514(b)(2)(i)(R), 164.514(c)",
    names=(
        "hash !algorithm",
        "pseudonym",
        "$token",
        "$uid !transfer !class !coding",
        "$barcode",
        "claim control",
        "deidentified|study|anonymous $@key @person",
    ),
    hints=(
        "=uid|key",
        "$id|number|uid|record|accession|pseudonym !@org !@thing !@about !@kind !concept !item !batch"
        " !line !sequence"
        " !source !set !group !platform !instrument !status !code !value !@health !@demographic !@time"
        " !room !row !phase !score !total",
    ),
    kinds=CODED | {Kind.BINARY},
    shape=re.compile(
        r"(?i)\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?|(urn:uuid:[0-9a-f-]{36})"
        r"|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}"
    ),
    alone=0.85,
)
