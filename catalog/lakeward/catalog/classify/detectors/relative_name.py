"""Names of relatives, guardians and contacts: they count as the individual's own identifiers."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import TEXTUAL

DETECTOR = Detector(
    name="relative_name",
    title="Names of relatives and contacts",
    finding="relative_name",
    source="45 CFR 164.514(b)(2)(i)",
    names=(
        "@relative $name|given|first|last|middle|maiden|initial !relationship",
        "@relative name text|family|given|first|last|display",
        "family mother|father|spouse|guardian|contact",
        "=mother|father|spouse|guardian|relative|emergency",
        "$@relative name",
    ),
    kinds=TEXTUAL,
)
