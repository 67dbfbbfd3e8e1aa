"""Members of the workforce: their names, numbers and ways to reach them."""

from lakeward.catalog.classify.detector import Detector
from lakeward.catalog.classify.kinds import CODED

DETECTOR = Detector(
    name="staff",
    title="Clinicians and other staff",
    finding="staff",
    source="28 CFR 202.234; GDPR Art. 4(1)",
    names=(
        "npi|dea",
        "@staff $name|family|given|middle|first|last|initial|@key|phone|email|fax|telecom|license"
        "|display|code"
        " !contact !taxonomy !@demographic !organization !facility !hospital !company",
        "@staff phone|email|fax|license !contact",
        "@staff person name|id|key",
        "=@staff",
        "$@staff !insurance !payer !@time !@about !@kind !taxonomy !organization !contact !count"
        " !patient !birth !death !name",
        "@staff name family|given|first|last|middle|text",
        "$by edit|create|update|performed|recorded|order|ordering|signed|approved|entered|verified|reviewed"
        "|collection|author|dispense|prescribed|drug|administered|requested|reported|completed|complete",
    ),
    kinds=CODED,
)
