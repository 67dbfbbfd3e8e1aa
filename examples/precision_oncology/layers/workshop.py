"""What the steps work with: the lake, its one door, and the sessions of the service that runs them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import pyarrow as pa

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.gateway.service import Gateway
from lakeward.gateway.session import Session
from lakeward.gateway.steps import From, RawFile, StepOutput, StepResult, TableInput, python_step, query_step
from precision_oncology.landing import Landing
from precision_oncology.readers.objects import RawObject
from precision_oncology.tables.spec import TableSpec

PIPELINE: Final = "pipeline"
Progress = Callable[[str], None]
Columns = Mapping[str, Sequence[From]]


@dataclass(frozen=True, slots=True)
class Workshop:
    """A lake, its gateway, and the pipeline's two sessions: building features, and training on them."""

    lake: Lake
    gateway: Gateway
    building: Session
    training: Session
    progress: Progress

    def read(self, query: str) -> pa.Table:
        """Read through the gateway, for building features."""
        return self.gateway.execute(self.building, query).table()

    def snapshot(self, table: str) -> int | None:
        """Tell the current snapshot of a table."""
        return self.lake.pin(TableName.parse(table)).snapshot_id

    def land(self, landing: Landing) -> StepResult:
        """Write one table of raw data with its tags, and where each file came from."""
        output = StepOutput(landing.spec.name, lambda: landing.data, tags=_tags(landing))
        return self.run(f"land {landing.spec.name}", [raw_file(each) for each in landing.sources], [output])[
            0
        ]

    def derive(
        self, spec: TableSpec, produce: Callable[[], pa.Table], sources: Sequence[str], columns: Columns
    ) -> tuple[StepResult, ...]:
        """Write what Python makes of other tables."""
        output = StepOutput(spec.name, produce, columns=columns, tags=spec.tags)
        return self.run(f"build {spec.name}", [TableInput(name) for name in sources], [output])

    def run(
        self, name: str, inputs: Sequence[RawFile | TableInput], outputs: Sequence[StepOutput]
    ) -> tuple[StepResult, ...]:
        """Run one step of Python code."""
        self.progress(name)
        return python_step(self.lake, name, by=PIPELINE, inputs=inputs, outputs=outputs)

    def query(
        self, session: Session, query: str, table: str, tags: Mapping[str, Sequence[str]]
    ) -> StepResult:
        """Write the answer to a query as a table."""
        self.progress(f"build {table}")
        return query_step(self.gateway, session, query, table, tags=tags, name=f"build {table}")


def open_workshop(lake: Lake, gateway: Gateway, progress: Progress = lambda _: None) -> Workshop:
    """Open the sessions of the pipeline's service."""
    building = gateway.session(PIPELINE, "feature-building")
    return Workshop(lake, gateway, building, gateway.session(PIPELINE, "model-training"), progress)


def raw_file(raw: RawObject) -> RawFile:
    """Name a raw file as an input of a step, by its fingerprint."""
    return RawFile(raw.path, modality=raw.modality, sha256=raw.sha256)


def sql(table: str) -> str:
    """Read the query that builds a table."""
    return (files("precision_oncology") / "sql" / f"{table}.sql").read_text("utf-8")


def _tags(landing: Landing) -> dict[str, list[str]]:
    """Give the columns' tags, and the origin of the files as a tag of the table."""
    origins = sorted({f"origin.{each.origin}" for each in landing.sources})
    return landing.spec.tags | ({"*": origins} if origins else {})
