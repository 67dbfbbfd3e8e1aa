"""Events: held to OpenLineage's own classes and our facets' schemas, and what must never be in them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Any
from uuid import UUID

import attr
import jsonschema  # type: ignore[import-untyped]
import pytest
from openlineage.client import facet_v2
from openlineage.client.generated import (
    catalog_dataset,
    column_lineage_dataset,
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    lifecycle_state_change_dataset,
    output_statistics_output_dataset,
    schema_dataset,
    symlinks_dataset,
    tags_dataset,
)
from tests.lineage.facts import COHORT, PATIENT, POLICY, RUN, SQL, facts, file, imported, queried, table

from lakeward.lineage.events import as_document, as_json, new_run_id, run_event
from lakeward.lineage.runs import RunFacts

FACETS: dict[str, type[facet_v2.BaseFacet]] = {
    "catalog": catalog_dataset.CatalogDatasetFacet,
    "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet,
    "errorMessage": error_message_run.ErrorMessageRunFacet,
    "jobType": job_type_job.JobTypeJobFacet,
    "lifecycleStateChange": lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet,
    "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
    "schema": schema_dataset.SchemaDatasetFacet,
    "symlinks": symlinks_dataset.SymlinksDatasetFacet,
    "tags": tags_dataset.TagsDatasetFacet,
    "version": dataset_version_dataset.DatasetVersionDatasetFacet,
}
EVENTS = [
    facts(RUN, "START"),
    queried(RUN, SQL, COHORT, PATIENT, policy=POLICY),
    queried(RUN, "SELECT unknown FROM raw.patient", COHORT, PATIENT),
    imported(RUN, table("raw.variant", 3, "id", "gene"), file(), replaces=True),
    imported(RUN, table("raw.variant", None, "id", "gene"), file()),
    facts(RUN, "FAIL", failure="denied"),
]


def document(run: RunFacts) -> dict[str, Any]:
    return json.loads(as_json(run_event(run)))  # type: ignore[no-any-return]


def facets(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from event["run"]["facets"].items()
    yield from event["job"]["facets"].items()
    for dataset in [*event["inputs"], *event["outputs"]]:
        for kind in ("facets", "inputFacets", "outputFacets"):
            yield from dataset.get(kind, {}).items()


@pytest.mark.parametrize("run", EVENTS, ids=lambda run: run.state)
def test_an_event_has_what_the_core_requires(run: RunFacts) -> None:
    event = document(run)
    assert event["schemaURL"].endswith("/2-0-2/OpenLineage.json#/$defs/RunEvent")
    assert event["eventType"] in {"START", "COMPLETE", "FAIL", "ABORT"}
    assert event["producer"]
    UUID(event["run"]["runId"])
    for dataset in [event["job"], *event["inputs"], *event["outputs"]]:
        assert dataset["namespace"]
        assert dataset["name"]


@pytest.mark.parametrize("run", EVENTS, ids=lambda run: run.state)
def test_every_facet_has_the_key_and_the_fields_that_its_schema_gives(run: RunFacts) -> None:
    for key, facet in facets(document(run)):
        assert facet["_producer"]
        if key.startswith("lakeward_"):
            schema = json.loads(
                files("lakeward.lineage").joinpath("schemas", f"{key}.json").read_text("utf-8")
            )
            jsonschema.Draft202012Validator(schema).validate(facet)
        else:
            assert facet["_schemaURL"] == FACETS[key]._get_schema()
            assert facet.keys() <= {each.name for each in attr.fields(FACETS[key])}


def test_every_facet_of_ours_was_looked_at() -> None:
    seen = {key for run in EVENTS for key, _ in facets(document(run))}
    assert seen == {
        *FACETS,
        "lakeward_iceberg",
        "lakeward_modality",
        "lakeward_confidence",
        "lakeward_policy",
    }


def test_column_lineage_speaks_of_columns_and_of_the_whole() -> None:
    (output,) = document(EVENTS[1])["outputs"]
    lineage = output["facets"]["columnLineage"]
    (identity,) = lineage["fields"]["id"]["inputFields"]
    assert (identity["namespace"], identity["name"], identity["field"]) == (
        "s3://bucket",
        "warehouse/raw.patient",
        "id",
    )
    assert identity["transformations"] == [{"type": "DIRECT", "subtype": "IDENTITY", "masking": False}]
    (condition,) = lineage["fields"]["ckd"]["inputFields"]
    assert condition["transformations"] == [{"type": "INDIRECT", "subtype": "CONDITIONAL", "masking": False}]
    (whole,) = lineage["dataset"]
    assert {each["subtype"] for each in whole["transformations"]} == {"FILTER"}
    assert output["facets"]["version"]["datasetVersion"] == "9"


def test_what_was_not_derived_says_so() -> None:
    (output,) = document(EVENTS[2])["outputs"]
    assert output["facets"]["lakeward_confidence"]["proven"] is False


def test_a_raw_file_is_known_by_its_bytes() -> None:
    (source,) = document(EVENTS[3])["inputs"]
    assert (source["namespace"], source["name"]) == ("file", "/raw/a.vcf")
    assert source["facets"]["lakeward_modality"]["modality"] == "genomics"
    assert source["facets"]["version"]["datasetVersion"] == source["facets"]["lakeward_modality"]["sha256"]


@pytest.mark.parametrize(
    ("location", "identity"),
    [
        ("file:///lake/warehouse/t", ("file", "/lake/warehouse/t")),
        ("/lake/warehouse/t", ("file", "/lake/warehouse/t")),
        ("s3://bucket/a/b", ("s3://bucket", "a/b")),
    ],
)
def test_a_table_is_named_by_where_it_is(location: str, identity: tuple[str, str]) -> None:
    event = document(
        queried(RUN, "SELECT id, dx AS ckd FROM raw.patient", replace(COHORT, location=location), PATIENT)
    )
    (output,) = event["outputs"]
    assert (output["namespace"], output["name"]) == identity
    assert output["facets"]["symlinks"]["identifiers"] == [
        {"namespace": "lake", "name": "mart.cohort", "type": "TABLE"}
    ]


def test_the_same_facts_give_the_same_bytes() -> None:
    assert as_json(run_event(EVENTS[1])) == as_json(
        run_event(queried(RUN, SQL, COHORT, PATIENT, policy=POLICY))
    )


def test_no_literal_of_the_statement_is_in_an_event() -> None:
    for run in EVENTS:
        text = as_json(run_event(run))
        assert "123-45-6789" not in text
        assert "N18" not in text


def test_run_ids_are_of_version_7_and_sort_by_time() -> None:
    ids = [new_run_id() for _ in range(3)]
    assert {UUID(each).version for each in ids} == {7}
    assert UUID(ids[0]).time_hi_version >> 12 == 7


def test_a_document_is_what_the_json_holds() -> None:
    event = run_event(EVENTS[1])
    assert as_document(event) == json.loads(as_json(event))
