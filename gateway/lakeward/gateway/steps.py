"""Pipeline steps: each ends in one Iceberg commit of data, schema and tags, an audit record, and a run's events.

```python
import_step(lake, "raw.labs", Path("labs.parquet"), by="etl", tags={"mrn": ["phi.mrn"]}, modality="ehr")
query_step(gateway, session, "SELECT ...", "mart.cohort", tags={"age": ["phi.date"]})
python_step(
    lake, "embed-notes", by="etl",
    inputs=[RawFile(Path("a.dcm"), modality="imaging", media_type="application/dicom", tags=("health",)),
            TableInput("raw.notes")],
    outputs=[StepOutput("mart.embedding", produce, columns={
        "patient_id": [From("raw.notes", "patient_id", "IDENTITY")],
        "vector": [From("raw.notes", "text"), From(Path("a.dcm"))]}, tags={"vector": ["derived.embedding"]})],
)
```

Tags of an output column are what travels to it from its sources (`lakeward.lineage.propagation`) together with what
the caller declares: a declaration adds, it never takes away. A column that nothing is said about is taken to come
from every input, whole. What an unclassified source flows into is refused unless the caller declares tags for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName

if TYPE_CHECKING:
    import pyarrow as pa

    from lakeward.gateway.service import Gateway
    from lakeward.gateway.session import Session

Tags = Mapping[str, Sequence[str]]
Mode = Literal["append", "replace"]
Produce = Callable[[], "pa.RecordBatchReader | pa.Table"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StepResult:
    """What a step committed. `tags` is by column of the output, as written with the data."""

    table: TableName
    snapshot_id: int
    rows: int
    run_id: str
    tags: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file that a step reads. `sha256` is computed from its bytes when it is not given."""

    path: Path
    modality: str = "ehr"
    media_type: str = "application/octet-stream"
    sha256: str | None = None
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TableInput:
    """A table that a step reads, at a snapshot or the current one."""

    table: str
    at: str | int | None = None


@dataclass(frozen=True, slots=True)
class From:
    """Where an output column comes from: a declared input and, of a table, its column (all columns when None).

    `how`: IDENTITY, TRANSFORMATION or AGGREGATION for values that reach the column; JOIN, GROUP_BY, FILTER, SORT,
    WINDOW or CONDITIONAL for what only decides it.
    """

    source: str | Path
    column: str | None = None
    how: str = "TRANSFORMATION"


@dataclass(frozen=True, slots=True)
class StepOutput:
    """A table that a step writes. `produce` is called once, after the run has started."""

    table: str
    produce: Produce
    columns: Mapping[str, Sequence[From]] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
    mode: Mode = "replace"


def import_step(
    lake: Lake,
    table: str,
    source: Path,
    *,
    by: str,
    tags: Tags | None = None,
    modality: str = "ehr",
    media_type: str | None = None,
    mode: Mode = "append",
    name: str | None = None,
) -> StepResult:
    """Import one file as a table, with its tags, and record where it came from. `by` is who runs the step."""
    raise NotImplementedError


def query_step(
    gateway: "Gateway",
    session: "Session",
    sql: str,
    target: str,
    *,
    tags: Tags | None = None,
    mode: Mode = "replace",
    at: str | None = None,
    name: str | None = None,
) -> StepResult:
    """Write the governed answer to a query as a table; the session's principal sees masked values only."""
    raise NotImplementedError


def python_step(
    lake: Lake, name: str, *, by: str, inputs: Sequence[RawFile | TableInput], outputs: Sequence[StepOutput]
) -> tuple[StepResult, ...]:
    """Write what Python code produces, one commit to each output, in one run named `name`."""
    raise NotImplementedError
