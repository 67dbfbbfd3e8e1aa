"""Numbers that states give to persons: passports, tax numbers, population registers."""

from lakeward.catalog.classify.detector import Detector

DETECTOR = Detector(
    name="national_id",
    title="Passport, tax and population register numbers",
    finding="national_id",
    source="28 CFR 202.234",
    names=("nationalid", "passport", "national id|number|key", "tax id|number|code", "government id|number"),
)
