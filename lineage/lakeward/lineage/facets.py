"""The facets of our events: OpenLineage's own, and ours, `lakeward_*`, whose schemas are in `schemas/`."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import attr
from openlineage.client import facet_v2
from openlineage.client.generated import column_lineage_dataset as cl

from lakeward.lineage.edges import ColumnLineage, Edge, Source, Strength
from lakeward.lineage.runs import Dataset, FileDataset, Output, Policy, TableDataset

PRODUCER = "urn:lakeward"
WHOLE_FILE = "*"  # the field of an input that has no columns
_VERSION = "1-0-0"


def _schema(name: str) -> str:
    return f"urn:lakeward:facet:{name}:{_VERSION}"


@attr.define
class IcebergFacet(facet_v2.DatasetFacet):
    """A table's identity, which no rename changes; `fieldIds` by column name."""

    tableUuid: str  # noqa: N815  a facet's spelling
    schemaId: int  # noqa: N815
    fieldIds: dict[str, int]  # noqa: N815

    @staticmethod
    def _get_schema() -> str:
        return _schema("lakeward_iceberg")


@attr.define
class ModalityFacet(facet_v2.DatasetFacet):
    """What a raw file is, and the hash of its bytes."""

    modality: str
    mediaType: str  # noqa: N815
    sha256: str

    @staticmethod
    def _get_schema() -> str:
        return _schema("lakeward_modality")


@attr.define
class ConfidenceFacet(facet_v2.DatasetFacet):
    """Whether the column lineage was derived; else why it claims everything."""

    proven: bool
    reason: str | None = attr.field(default=None)

    @staticmethod
    def _get_schema() -> str:
        return _schema("lakeward_confidence")


@attr.define
class PolicyFacet(facet_v2.RunFacet):
    """Under which decision a run read: what was masked, by table, and which tables' rows were filtered."""

    policyVersion: str  # noqa: N815
    purpose: str | None
    masksApplied: list[dict[str, Any]]  # noqa: N815
    rowsFiltered: list[str]  # noqa: N815

    @staticmethod
    def _get_schema() -> str:
        return _schema("lakeward_policy")


def policy_facet(policy: Policy) -> PolicyFacet:
    """Describe the decision; a mask by its name, without its arguments."""
    masks = [
        {"table": table, "fieldId": field_id, "mask": mask}
        for table, by_field in sorted(policy.masks.items())
        for field_id, mask in sorted(by_field.items())
    ]
    return PolicyFacet(policy.version, policy.purpose, masks, sorted(policy.rows_filtered), producer=PRODUCER)


def identity(dataset: Dataset) -> tuple[str, str]:
    """Give a dataset's namespace and name: where it is, as other engines name it too."""
    if isinstance(dataset, FileDataset):
        return "file", dataset.path
    scheme, separator, rest = dataset.location.partition("://")
    if not separator or scheme == "file":
        return "file", rest if separator else dataset.location
    bucket, _, path = rest.partition("/")
    return f"{scheme}://{bucket}", path


def dataset_facets(dataset: Dataset) -> dict[str, Any]:
    """Describe a dataset that was read or written."""
    version_facet = facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet
    if isinstance(dataset, FileDataset):
        modality = ModalityFacet(dataset.modality, dataset.media_type, dataset.sha256, producer=PRODUCER)
        version = version_facet(dataset.sha256, producer=PRODUCER)
        return {"lakeward_modality": modality, "version": version}
    facets = _table_facets(dataset)
    if dataset.snapshot_id is not None:
        facets["version"] = version_facet(str(dataset.snapshot_id), producer=PRODUCER)
    return facets


def _table_facets(table: TableDataset) -> dict[str, Any]:
    schema, symlinks, catalog = facet_v2.schema_dataset, facet_v2.symlinks_dataset, facet_v2.catalog_dataset
    fields = [
        schema.SchemaDatasetFacetFields(each.name, each.type, ordinal_position=place)
        for place, each in enumerate(table.columns, 1)
    ]
    return {
        "schema": schema.SchemaDatasetFacet(fields, producer=PRODUCER),
        "symlinks": symlinks.SymlinksDatasetFacet(
            [symlinks.Identifier(table.catalog, table.name, "TABLE")], producer=PRODUCER
        ),
        "catalog": catalog.CatalogDatasetFacet(
            framework="iceberg", type="sql", name=table.catalog, source="lakeward", producer=PRODUCER
        ),
        "tags": _tags(table),
        "lakeward_iceberg": IcebergFacet(
            table.uuid,
            table.schema_id,
            {each.name: each.field_id for each in table.columns},
            producer=PRODUCER,
        ),
    }


def _tags(table: TableDataset) -> facet_v2.tags_dataset.TagsDatasetFacet:
    fields = facet_v2.tags_dataset.TagsDatasetFacetFields
    of_table = [fields(tag, "true", "LAKEWARD") for tag in sorted(table.tags)]
    of_columns = [
        fields(tag, "true", "LAKEWARD", each.name) for each in table.columns for tag in sorted(each.tags)
    ]
    return facet_v2.tags_dataset.TagsDatasetFacet(of_table + of_columns, producer=PRODUCER)


def lineage_facets(output: Output, inputs: Iterable[Dataset]) -> dict[str, Any]:
    """Describe the lineage of an output: by column, and under `dataset` what decides it as a whole."""
    names = {each.name.casefold(): identity(each) for each in inputs}
    by_output = {
        name: list(edges) for name, edges in groupby(output.lineage.edges, key=lambda edge: edge.output)
    }
    fields = {
        name: cl.Fields(_input_fields(by_output.get(name, ()), names)) for name in output.lineage.outputs
    }
    whole = _input_fields(by_output.get("", ()), names)
    return {
        "columnLineage": cl.ColumnLineageDatasetFacet(fields, whole, producer=PRODUCER),
        "lakeward_confidence": _confidence(output.lineage),
    }


def overwritten() -> facet_v2.DatasetFacet:
    """Say that a write left nothing of what the dataset held."""
    change = facet_v2.lifecycle_state_change_dataset
    state = change.LifecycleStateChange.OVERWRITE
    return change.LifecycleStateChangeDatasetFacet(lifecycleStateChange=state, producer=PRODUCER)


def _confidence(lineage: ColumnLineage) -> ConfidenceFacet:
    is_proven = all(edge.is_proven for edge in lineage.edges)
    return ConfidenceFacet(is_proven, lineage.unproven, producer=PRODUCER)


def _input_fields(edges: Iterable[Edge], names: Mapping[str, tuple[str, str]]) -> list[cl.InputField]:
    return [
        _input_field(source, list(group), names)
        for source, group in groupby(edges, key=lambda edge: edge.source)
    ]


def _input_field(
    source: Source, edges: Iterable[Edge], names: Mapping[str, tuple[str, str]]
) -> cl.InputField:
    namespace, name = names[source.table.casefold()]
    ways = [cl.Transformation(each.kind.value, each.subtype, _worth(each), each.masking) for each in edges]
    return cl.InputField(namespace, name, source.column or WHOLE_FILE, ways)


def _worth(edge: Edge) -> str | None:
    """Say in a word what masking is worth; `single` when the source was held equal to one value."""
    if edge.is_single:
        return "single"
    return None if edge.strength is Strength.NONE else edge.strength.name.lower()
