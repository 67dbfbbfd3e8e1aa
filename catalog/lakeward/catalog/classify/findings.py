"""What a column can be found to hold: its role, and the tags that say so.

The one place where a finding becomes tags. `Safe Harbor` letters are the taxonomy's; roles follow 45 CFR
164.514(b)(2) and, for the workforce, the rule that a clinician's identity is personal data but not the
patient's.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Role = Literal["direct", "quasi", "sensitive", "none", "unclassified"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a column can hold; `tags` are proposed for it."""

    name: str
    role: Role
    tags: tuple[str, ...]
    title: str


_DIRECT = (
    ("person_name", "phi.name cfr202.contact", "A person's name"),
    ("relative_name", "phi.name pii.relative cfr202.contact", "The name of a relative or contact"),
    ("phone", "phi.phone cfr202.contact", "A telephone number"),
    ("fax", "phi.fax cfr202.contact", "A fax number"),
    ("email", "phi.email cfr202.contact", "An electronic mail address"),
    ("ssn", "phi.ssn cfr202.gov_id", "A Social Security number"),
    ("national_id", "phi.unique cfr202.gov_id", "A number that a state gives to a person"),
    ("mrn", "phi.mrn", "A medical record number"),
    ("health_plan", "phi.health_plan cfr202.gov_id", "A health plan beneficiary number"),
    ("account", "phi.account cfr202.account", "An account number"),
    ("license", "phi.license cfr202.gov_id", "A certificate or licence number"),
    ("vehicle", "phi.vehicle", "A vehicle's identifier or plate"),
    ("device", "phi.device cfr202.device", "A device's identifier or serial number"),
    ("url", "phi.url", "A web address"),
    ("ip", "phi.ip cfr202.network", "An IP address"),
    ("biometric", "phi.biometric cfr202.biometric gdpr9.biometric_id", "A biometric identifier"),
    ("photo", "phi.photo", "A full-face photograph or comparable image"),
    ("credential", "phi.unique cfr202.credential", "What a person signs in with"),
    ("advertising", "phi.unique cfr202.advertising", "An advertising identifier"),
    ("network", "phi.unique cfr202.network", "A trace of a person's browser or session"),
    ("person_key", "phi.unique", "A key of a person"),
    ("event_key", "phi.unique", "A key of an event in a person's care"),
    ("unique", "phi.unique", "A unique code"),
    ("staff", "pii.staff cfr202.contact", "A member of the workforce"),
)
_QUASI = (
    ("birth_date", "phi.date role.quasi hl7.dob cfr202.contact", "A date of birth, or a part of it"),
    ("date", "phi.date role.quasi", "A date of a person's life"),
    ("age", "phi.date role.quasi", "An age"),
    ("year", "role.quasi cfr202.contact", "A year of a person's life, or a band of ages"),
    ("address", "phi.geo role.quasi cfr202.contact", "A place smaller than a state"),
    ("coordinates", "phi.geo role.quasi cfr202.precise_geo", "A position on Earth"),
    ("facility", "phi.geo role.quasi", "A place of care, or a trace of where a person was"),
    ("state", "role.quasi cfr202.contact", "A state or country"),
    ("sex", "role.quasi cfr202.contact hl7.gender", "Sex or gender"),
    ("race", "role.quasi gdpr9.racial_ethnic hl7.race", "Race, ethnicity or origin"),
    ("marital", "role.quasi cfr202.contact hl7.marst", "Marital status"),
    ("language", "role.quasi cfr202.contact", "A person's language"),
    ("religion", "role.quasi gdpr9.religious_philosophical hl7.rel", "Religion"),
    ("occupation", "role.quasi cfr202.contact hl7.empl", "Occupation or education"),
    ("living", "role.quasi cfr202.contact hl7.livarg", "Household or living arrangement"),
)
_HEALTH = "role.sensitive health gdpr9.health cfr202.health"
_SENSITIVE = (
    ("health", _HEALTH, "Health data"),
    ("diagnosis", f"{_HEALTH} hl7.dia", "A diagnosis"),
    ("drug", f"{_HEALTH} hl7.drgis", "A medication"),
    ("hiv", f"{_HEALTH} hl7.hiv", "HIV"),
    ("sti", f"{_HEALTH} hl7.std", "A sexually transmitted disease"),
    ("mental", f"{_HEALTH} hl7.psy", "Mental health"),
    ("substance", f"{_HEALTH} hl7.sud", "Substance use"),
    ("pregnancy", f"{_HEALTH} hl7.pregnant", "Pregnancy and reproduction"),
    ("violence", f"{_HEALTH} hl7.sdv", "Violence or abuse"),
    ("orientation", "role.sensitive gdpr9.sex_life_orientation hl7.gender", "Sexual life or orientation"),
    ("political", "role.sensitive gdpr9.political", "Political opinion"),
    ("union", "role.sensitive gdpr9.trade_union", "Trade union membership"),
    ("criminal", "role.sensitive gdpr9.criminal", "Convictions and offences"),
    ("financial", "role.sensitive cfr202.financial", "Personal financial data"),
    (
        "genomic",
        "role.sensitive genomic gdpr9.genetic cfr202.omic.genomic hl7.gdis phi.unique",
        "Genomic data",
    ),
    ("omic", "role.sensitive health phi.unique cfr202.omic.other", "Other 'omic data"),
    ("free_text", "role.sensitive phi.free_text", "Free text"),
    ("clinical_text", f"phi.free_text {_HEALTH}", "Free text about a person's health"),
)
_NONE = (
    ("about", "sensitivity.none", "A property of another thing, not the thing"),
    ("technical", "sensitivity.none", "A technical detail"),
    ("reference", "sensitivity.none", "A row of a dictionary, a directory or a stock, about no person"),
)


def _table() -> dict[str, Finding]:
    found = {
        name: Finding(name, "direct", (*tags.split(), "role.direct"), title) for name, tags, title in _DIRECT
    }
    found |= {name: Finding(name, "quasi", tuple(tags.split()), title) for name, tags, title in _QUASI}
    found |= {
        name: Finding(name, "sensitive", tuple(tags.split()), title) for name, tags, title in _SENSITIVE
    }
    return found | {name: Finding(name, "none", tuple(tags.split()), title) for name, tags, title in _NONE}


FINDINGS = MappingProxyType(_table())
