"""OpenLineage run events of what a run read and wrote: names, types, counts and fingerprints; never a value.

A dataset is named by where it is (`file` + path, or `s3://bucket` + key), as Spark, Trino and Flink name
Iceberg
tables; its name in the lake is a symlink. Its version is the snapshot that was read or written. Neither
the SQL nor
the text of an error is in an event: a job is named by its step or by a fingerprint, a failure by its code.

Importing this takes a quarter of a second, for the sake of OpenLineage's client: import it where it is used.
"""

from datetime import UTC, datetime
from typing import Any

from openlineage.client import event_v2, facet_v2
from openlineage.client.serde import Serde
from openlineage.client.uuid import generate_new_uuid

from lakeward.lineage.facets import (
    PRODUCER,
    dataset_facets,
    identity,
    lineage_facets,
    overwritten,
    policy_facet,
)
from lakeward.lineage.runs import Dataset, Output, RunFacts


def new_run_id() -> str:
    """Make the id of a new run, a UUID of version 7: later runs sort after earlier ones."""
    return str(generate_new_uuid())


def now() -> datetime:
    """Give the time of an event, in UTC."""
    return datetime.now(UTC)


def run_event(facts: RunFacts) -> event_v2.RunEvent:
    """Build the event of one state of a run."""
    job_type = facet_v2.job_type_job.JobTypeJobFacet("BATCH", "LAKEWARD", facts.job.kind, producer=PRODUCER)
    return event_v2.RunEvent(
        eventTime=facts.at.isoformat(),
        eventType=event_v2.RunState[facts.state],
        run=event_v2.Run(facts.run_id, _run_facets(facts)),
        job=event_v2.Job(facts.job.namespace, facts.job.name, {"jobType": job_type}),
        inputs=[_input(each) for each in facts.inputs],
        outputs=[_output(each, facts) for each in facts.outputs],
        producer=PRODUCER,
    )


def as_document(event: event_v2.RunEvent) -> dict[str, Any]:
    """Give an event as OpenLineage's JSON has it."""
    return Serde.to_dict(event)


def as_json(event: event_v2.RunEvent) -> str:
    """Give an event as one line of JSON, its keys sorted: the same facts give the same bytes."""
    return Serde.to_json(event)


def _run_facets(facts: RunFacts) -> dict[str, facet_v2.RunFacet]:
    facets: dict[str, facet_v2.RunFacet] = {}
    if facts.policy is not None:
        facets["lakeward_policy"] = policy_facet(facts.policy)
    if facts.failure is not None:
        error = facet_v2.error_message_run.ErrorMessageRunFacet
        facets["errorMessage"] = error(facts.failure, "PYTHON", producer=PRODUCER)
    return facets


def _input(dataset: Dataset) -> event_v2.InputDataset:
    return event_v2.InputDataset(*identity(dataset), facets=dataset_facets(dataset))


def _output(output: Output, facts: RunFacts) -> event_v2.OutputDataset:
    facets = {**dataset_facets(output.dataset), **lineage_facets(output, facts.inputs)}
    if output.replaces:
        facets["lifecycleStateChange"] = overwritten()
    statistics: dict[str, facet_v2.OutputDatasetFacet] = {}
    if output.rows is not None:
        written = facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
        statistics["outputStatistics"] = written(output.rows, producer=PRODUCER)
    return event_v2.OutputDataset(*identity(output.dataset), outputFacets=statistics, facets=facets)
