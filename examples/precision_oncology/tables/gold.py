"""Gold: features of one modality each, by the id that the modality knows; fusion links them."""

from precision_oncology.tables.spec import COUNT, FLAG, NUMBER, TEXT, column, spec
from precision_oncology.tables.tagging import GENOMIC, STUDY_SAMPLE

_DERIVED = ("derived.genomic", *GENOMIC)  # a principal component is still genomic data

GENOMIC_FEATURES = spec(
    "gold.genomic_features",
    column("sample_id", TEXT, *STUDY_SAMPLE),
    column("burden", COUNT, *_DERIVED),
    column("called", COUNT),
    column("call_rate", NUMBER),
    column("pc1", NUMBER, *_DERIVED),
    column("pc2", NUMBER, *_DERIVED),
)
GWAS_RESULTS = (
    spec(  # aggregates of a population; the tags of the genotypes stay, and policy asks for n >= 100
        "gold.gwas_results",
        column("variant_key", TEXT),
        column("trait", TEXT),
        column("n", COUNT),
        column("beta", NUMBER, "derived.aggregate", *_DERIVED),
        column("se", NUMBER, "derived.aggregate", *_DERIVED),
        column("p", NUMBER, "derived.aggregate", *_DERIVED),
    )
)
MODALITY_INVENTORY = spec(
    "gold.modality_inventory",
    column("modality", TEXT),
    column("present", FLAG),
    column("reason_absent", TEXT),
    column("files", COUNT),
    column("rows", COUNT),
    column("origin", TEXT),
)
