"""Every mask by name, and the profile that maps HIPAA's identifiers to masks."""

from lakeward.policies.masks.dates import DATES
from lakeward.policies.masks.definition import MaskDefinition
from lakeward.policies.masks.fixed import FIXED
from lakeward.policies.masks.hashes import HASHES
from lakeward.policies.masks.mask import REPLACE_WITH_NULL, Mask
from lakeward.policies.masks.numbers import NUMBERS
from lakeward.policies.masks.places import PLACES
from lakeward.policies.masks.texts import TEXTS

MASKS: dict[str, MaskDefinition] = {**FIXED, **TEXTS, **DATES, **HASHES, **NUMBERS, **PLACES}

_REMOVED = (
    "name", "phone", "fax", "email", "ssn", "mrn", "health_plan", "account", "license", "vehicle", "device",
    "url", "ip", "biometric", "photo", "unique", "free_text",
)  # fmt: skip

SAFE_HARBOR: dict[str, Mask] = {
    **{f"phi.{each}": REPLACE_WITH_NULL for each in _REMOVED},
    "phi.geo": Mask("zip3"),
    "phi.date": Mask("age-90-plus"),
}
"""What `profile: safe-harbor` does with each identifier. Source: 45 CFR 164.514(b)(2).

A place that is no ZIP code becomes NULL by `zip3`, and a column that the mask does not fit is not shown.
"""
