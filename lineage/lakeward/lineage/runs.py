"""What a run is made of, as small values: datasets at versions, a job, a policy, the facts of one event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lakeward.lineage.edges import ColumnLineage

State = Literal["START", "COMPLETE", "FAIL", "ABORT"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetColumn:
    """A top-level column; `type` in Iceberg's spelling."""

    field_id: int
    name: str
    type: str
    tags: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TableDataset:
    """A table at a snapshot (None before its first), as read or written; `catalog` is the lake's name."""

    name: str
    catalog: str
    location: str
    uuid: str
    snapshot_id: int | None
    schema_id: int
    columns: Sequence[DatasetColumn]
    tags: Sequence[str] = ()

    @property
    def key(self) -> str:
        """What the graph calls this version of the table."""
        return self.name if self.snapshot_id is None else f"{self.name}@{self.snapshot_id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDataset:
    """A raw file, known by the hash of its bytes."""

    path: str
    sha256: str
    modality: str
    media_type: str

    @property
    def name(self) -> str:
        """What a lineage source calls it: its path."""
        return self.path

    @property
    def key(self) -> str:
        """What the graph calls this version of the file."""
        return f"file:{self.path}@{self.sha256}"


Dataset = TableDataset | FileDataset


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What runs: a step's name, or the fingerprint of a statement. `kind` is IMPORT, QUERY or PYTHON."""

    namespace: str
    name: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Under which decision data was read: policies' fingerprint, masks by table and field-id, row filters."""

    version: str
    purpose: str | None
    masks: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    rows_filtered: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """A table that a run wrote, with the lineage of its columns and the number of rows written.

    `replaces` says whether the rows that were there before are gone.
    """

    dataset: TableDataset
    lineage: ColumnLineage
    rows: int | None = None
    replaces: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFacts:
    """One state of one run: everything an event is made of. `failure` is a stable code, never a message."""

    run_id: str
    state: State
    job: Job
    at: datetime
    inputs: Sequence[Dataset] = ()
    outputs: Sequence[Output] = ()
    policy: Policy | None = None
    failure: str | None = None
