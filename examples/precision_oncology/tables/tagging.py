"""Tags that always come together, so that no table forgets one of them."""

GENOMIC = ("genomic", "cfr202.omic.genomic")
HEALTH = ("health", "cfr202.health")
PRECISE_PLACE = ("phi.geo", "cfr202.precise_geo")
GOVERNMENT_ID = ("phi.license", "cfr202.gov_id")
NOTE = ("phi.free_text", "restricted", *HEALTH)
PATIENT = ("phi.mrn", "link")
STUDY_SAMPLE = ("study_id", "phi.unique")
