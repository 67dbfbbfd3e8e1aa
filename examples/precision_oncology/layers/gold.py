"""Gold that needs Python, and the inputs of the fusion model."""

from datetime import UTC, datetime
from typing import Final

from lakeward.gateway.steps import From, RawFile, StepOutput, StepResult, TableInput
from precision_oncology.intake import PanelTraits
from precision_oncology.layers.workshop import Workshop, raw_file, sql
from precision_oncology.steps.genomics import genomic_features
from precision_oncology.steps.gwas import associations
from precision_oncology.tables import bronze, gold
from precision_oncology.tables.spec import HARMLESS

SNAPSHOTS: Final = {
    "genomics": "gold.genomic_features",
    "imaging": "gold.imaging_embeddings",
    "notes": "gold.note_features",
    "wearables": "gold.glucose_daily",
    "labs": "gold.labs_latest",
}


def build_genomic_features(workshop: Workshop) -> tuple[StepResult, ...]:
    """Count and project the genotypes of each sample of the cohort."""
    source = bronze.GENOMICS_GENOTYPES.name
    query = "SELECT sample_id, variant_key, dosage FROM bronze.genomics_genotypes WHERE panel = 'cohort'"
    columns = {
        each.name: [From(source, "dosage", "AGGREGATION")] for each in gold.GENOMIC_FEATURES.columns[1:]
    } | {"sample_id": [From(source, "sample_id", "IDENTITY")]}
    spec = gold.GENOMIC_FEATURES
    return workshop.derive(
        spec, lambda: spec.table(genomic_features(workshop.read(query))), [source], columns
    )


def build_gwas(workshop: Workshop, traits: PanelTraits | None) -> tuple[StepResult, ...]:
    """Test a population panel's variants with its first trait; its people are never linked to patients."""
    if traits is None:
        return ()
    source, spec = bronze.GENOMICS_GENOTYPES.name, gold.GWAS_RESULTS
    query = "SELECT sample_id, variant_key, dosage FROM bronze.genomics_genotypes WHERE panel = 'population'"
    results = [From(source, "dosage", "AGGREGATION"), *(From(raw.path) for raw in traits.sources)]
    columns = dict.fromkeys(("n", "beta", "se", "p", "trait"), results) | {
        "variant_key": [From(source, "variant_key", "IDENTITY")]
    }
    output = StepOutput(
        spec.name,
        lambda: spec.table(associations(workshop.read(query), traits.covariates, traits.phenotypes)),
        columns=columns,
        tags=spec.tags,
    )
    inputs: list[RawFile | TableInput] = [TableInput(source), *map(raw_file, traits.sources)]
    return workshop.run(f"build {spec.name}", inputs, [output])


def build_fusion_inputs(workshop: Workshop) -> StepResult:
    """Join the modalities for the purpose of training: policy leaves out who did not agree to it."""
    ids = {modality: workshop.snapshot(table) for modality, table in SNAPSHOTS.items()}
    literals = {name: "NULL" if snapshot is None else str(snapshot) for name, snapshot in ids.items()}
    query = sql("fusion.inputs").format(**literals, asof=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"))
    tags = {name: [HARMLESS] for name in ("study_id", "asof", *(f"snapshot_{name}" for name in SNAPSHOTS))}
    return workshop.query(workshop.training, query, "fusion.inputs", tags)
