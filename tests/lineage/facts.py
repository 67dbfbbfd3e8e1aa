"""Runs as the tests need them."""

from datetime import UTC, datetime
from typing import Any

from sqlglot import parse_one

from lakeward.lineage.columns import column_lineage
from lakeward.lineage.declared import From, declared_lineage
from lakeward.lineage.runs import DatasetColumn, FileDataset, Job, Output, Policy, RunFacts, TableDataset

RUN = "01a20bb2-1e6c-7f35-862d-10a916ce4279"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHA = "ab" * 32


def table(name: str, snapshot_id: int | None, *columns: str, tags: tuple[str, ...] = ()) -> TableDataset:
    return TableDataset(
        name=name,
        catalog="lake",
        location=f"s3://bucket/warehouse/{name}",
        uuid="2795ddbd-7aa4-440a-98ca-6a8037b34f71",
        snapshot_id=snapshot_id,
        schema_id=0,
        columns=[
            DatasetColumn(field_id=place, name=each, type="string", tags=tags)
            for place, each in enumerate(columns, 1)
        ],
    )


def file(path: str = "/raw/a.vcf") -> FileDataset:
    return FileDataset(path=path, sha256=SHA, modality="genomics", media_type="text/x-vcf")


def imported(run_id: str, target: TableDataset, source: FileDataset, *, replaces: bool = False) -> RunFacts:
    """A run that wrote a file's columns into a table."""
    names = [each.name for each in target.columns]
    lineage = declared_lineage(
        names, {each: [From(source.path, each, "IDENTITY")] for each in names}, {source.path: ()}
    )
    output = Output(dataset=target, lineage=lineage, rows=3, replaces=replaces)
    return facts(run_id, "COMPLETE", inputs=[source], outputs=[output])


def queried(run_id: str, sql: str, target: TableDataset, *inputs: TableDataset, **more: Any) -> RunFacts:  # noqa: ANN401  fields of RunFacts
    """A run that wrote a query's answer into a table."""
    schema = {each.name: [column.name for column in each.columns] for each in inputs}
    lineage = column_lineage(parse_one(sql, dialect="duckdb"), schema)
    output = Output(dataset=target, lineage=lineage, rows=3, replaces=True)
    return facts(run_id, "COMPLETE", inputs=list(inputs), outputs=[output], **more)


def facts(run_id: str, state: Any, **more: Any) -> RunFacts:  # noqa: ANN401  as above
    job = Job(namespace="lake", name="a job", kind="QUERY")
    return RunFacts(run_id=run_id, state=state, job=job, at=NOON, **more)


POLICY = Policy(
    version="43714f3cf8432d7f",
    purpose="research",
    masks={"raw.patient": {1: "pseudonym"}},
    rows_filtered=["raw.patient"],
)
PATIENT = table("raw.patient", 7, "id", "ssn", "dx", tags=("phi.ssn",))
COHORT = table("mart.cohort", 9, "id", "ckd")
SQL = "SELECT id, CASE WHEN dx = 'N18' THEN 1 END AS ckd FROM raw.patient WHERE ssn = '123-45-6789'"
