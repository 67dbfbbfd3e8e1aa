"""Pipeline steps: each ends in one Iceberg commit of data, schema and tags, an audit record and its events.

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

Tags of an output column are what travels to it from its sources (`lakeward.lineage.propagation`) together
with what the caller declares: a declaration adds, it never takes away. A column that nothing is said about is
taken to come from every input, whole. What an unclassified source flows into is refused unless the caller
declares tags for it.
"""

import hashlib
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.governed_lineage import governed_lineage
from lakeward.gateway.step_errors import UnclassifiedSourceError, UnreadableInputError
from lakeward.lineage.declared import From, declared_lineage
from lakeward.lineage.edges import ColumnLineage, Source
from lakeward.lineage.propagation import propagate, stricter
from lakeward.lineage.recorder import LineageRecorder
from lakeward.lineage.running import Run, running
from lakeward.lineage.runs import DatasetColumn, FileDataset, Job, Output, TableDataset

if TYPE_CHECKING:
    import pyarrow as pa

    from lakeward.catalog.ingest.importing import Reading
    from lakeward.gateway.service import Gateway
    from lakeward.gateway.session import Session

Tags = Mapping[str, Sequence[str]]
SourceTags = dict[Source, frozenset[str]]
Mode = Literal["create", "append", "replace"]
Produce = Callable[[], "pa.RecordBatchReader | pa.Table"]

__all__ = [
    "From", "RawFile", "StepOutput", "StepResult", "TableInput", "import_step", "python_step", "query_step",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class StepResult:
    """What a step committed. `tags` is by column of the output, as written with the data."""

    table: TableName
    snapshot_id: int | None
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

    def dataset(self) -> FileDataset:
        """Give the file as it is now, with its hash.

        Raises:
            UnreadableInputError: It cannot be read.
        """
        digest = self.sha256 or sha256_of(self.path)
        return FileDataset(
            path=str(self.path.absolute()), sha256=digest, modality=self.modality, media_type=self.media_type
        )


@dataclass(frozen=True, slots=True)
class TableInput:
    """A table that a step reads, at a snapshot or the current one."""

    table: str
    at: str | int | None = None


@dataclass(frozen=True, slots=True)
class StepOutput:
    """A table that a step writes. `produce` is called once, after the run has started.

    `columns` declares where each column comes from; under `""`, what decides which rows there are.
    """

    table: str
    produce: Produce
    columns: Mapping[str, Sequence[From]] = field(default_factory=dict)
    tags: Tags = field(default_factory=dict)
    mode: Mode = "replace"


def import_step(  # noqa: PLR0913  one keyword each, and every caller names them
    lake: Lake,
    table: str,
    source: Path,
    *,
    by: str,
    tags: Tags | None = None,
    modality: str = "ehr",
    media_type: str | None = None,
    replace: bool = False,
    evolve: bool = False,
    name: str | None = None,
    owner: str | None = None,
    reading: "Reading | None" = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> StepResult:
    """Import one file into a table, with its tags, and record where it came from.

    Args:
        lake: The lake.
        table: `namespace.table`.
        source: A Parquet, CSV, newline JSON or Arrow file.
        by: Who runs the step.
        tags: By path of a column.
        modality: What kind of data the file holds, for the graph.
        media_type: By default guessed from the file's name.
        replace: Whether the file's rows take the place of the table's.
        evolve: Whether the table's schema may follow the file.
        name: The job's name; by default `import <table>`.
        owner: Who answers for the table.
        reading: How to read the file, when its name does not tell.
        progress: Called with the number of rows after each batch.

    Raises:
        LakewardError: The file cannot be read, or does not fit; nothing was written.
    """
    from lakeward.catalog.ingest.importing import import_table  # noqa: PLC0415  pyarrow, for steps only

    job = Job(namespace=lake.config.name, name=name or f"import {table}", kind="IMPORT")
    with running(LineageRecorder(lake.store), job) as run:
        target, wanted = lake.name(table), {path: list(each) for path, each in (tags or {}).items()}
        done = import_table(
            lake, target, source, actor=by, tags=wanted, evolve=evolve, replace=replace,
            owner=owner, reading=reading, progress=progress,
        )  # fmt: skip
        media = media_type or mimetypes.guess_type(source.name)[0] or "application/octet-stream"
        file = RawFile(source, modality, media, done.sha256).dataset()
        run.inputs.append(file)
        columns = {each: [From(file.path, each, "IDENTITY")] for each in done.columns}
        lineage = declared_lineage(list(done.columns), columns, {file.path: ()})
        written = dataset_of(lake, lake.pin(target, done.snapshot_id))
        run.outputs.append(Output(dataset=written, lineage=lineage, rows=done.rows, replaces=replace))
    shown = {path: tuple(sorted(each)) for path, each in wanted.items()}
    return StepResult(
        table=target, snapshot_id=done.snapshot_id, rows=done.rows, run_id=run.run_id, tags=shown
    )


def query_step(  # noqa: PLR0913  as above
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
    """Write the governed answer to a query as a table: what the session's principal may see, as they see it.

    Args:
        gateway: The lake's gateway.
        session: Who asks, and for what.
        sql: One query.
        target: `namespace.table`.
        tags: Tags to add, by column.
        mode: `create`, `append` or `replace`.
        at: A snapshot, branch, tag or time at which the query's tables are read.
        name: The job's name; by default the statement's fingerprint.

    Raises:
        DeniedError: The query is refused; the refusal is a failed run and an audit record.
        LakewardError: It failed, or its answer does not fit; nothing was written.
    """
    lake = gateway.lake
    job = Job(namespace=lake.config.name, name=name or job_name(sql, session.dialect), kind="QUERY")
    with running(LineageRecorder(lake.store), job) as run:
        governed = governed_lineage(gateway, session, sql, at)
        with closing(governed.answer) as answer:
            run.policy = governed.policy
            run.inputs += [dataset_of(lake, each) for each in governed.tables]
            sources = {key: tags for each in governed.tables for key, tags in _source_tags(each).items()}
            order = _Target(lake.name(target), mode, session.principal.name, dict(tags or {}))
            return order.write(
                lake, run, answer.reader(), governed.lineage, propagate(governed.lineage, sources)
            )


def python_step(
    lake: Lake, name: str, *, by: str, inputs: Sequence[RawFile | TableInput], outputs: Sequence[StepOutput]
) -> tuple[StepResult, ...]:
    """Write what Python code produces, one commit to each output, in one run named `name`.

    The code reads with the rights of whoever runs it: a step is for pipelines, not for the users of a
    gateway.

    Raises:
        UndeclaredInputError: A column's source is no input.
        UnclassifiedSourceError: A column comes from a source that nobody has classified, and declares no
        tags. LakewardError: What was produced does not fit; outputs before it are written.
    """
    job = Job(namespace=lake.config.name, name=name, kind="PYTHON")
    with running(LineageRecorder(lake.store), job) as run:
        known = _Inputs(lake, inputs)
        run.inputs += known.datasets
        return tuple(_produce(lake, run, known, each, by) for each in outputs)


def _produce(lake: Lake, run: Run, known: "_Inputs", output: StepOutput, by: str) -> StepResult:
    produced = output.produce()
    reader = produced.to_reader() if hasattr(produced, "to_reader") else produced
    names = reader.schema.names
    columns = {name: [_absolute(each) for each in sources] for name, sources in output.columns.items()}
    lineage = declared_lineage(names, columns, known.columns)
    _check_classified(lake, lineage, known.tags, output.tags)
    target = _Target(lake.name(output.table), output.mode, by, output.tags)
    return target.write(lake, run, reader, lineage, propagate(lineage, known.tags))


def _absolute(declared: From) -> From:
    """Spell a path as its dataset does."""
    if isinstance(declared.source, Path):
        return From(str(declared.source.absolute()), declared.column, declared.how)
    return declared


class _Inputs:
    """The declared inputs of a step: pinned, hashed, with their columns and tags."""

    def __init__(self, lake: Lake, declared: Sequence[RawFile | TableInput]) -> None:
        self.datasets: list[TableDataset | FileDataset] = []
        self.columns: dict[str, Sequence[str]] = {}
        self.tags: SourceTags = {}
        for each in declared:
            if isinstance(each, RawFile):
                self._add_file(each)
            else:
                self._add_table(lake, lake.pin(lake.name(each.table), each.at))

    def _add_file(self, file: RawFile) -> None:
        dataset = file.dataset()
        self.datasets.append(dataset)
        self.columns[dataset.path] = ()
        self.tags[Source(dataset.path.casefold(), "")] = frozenset(file.tags)

    def _add_table(self, lake: Lake, table: PinnedTable) -> None:
        self.datasets.append(dataset_of(lake, table))
        self.columns[str(table.name)] = [each.name for each in table.columns]
        self.tags.update(_source_tags(table))


@dataclass(frozen=True, slots=True)
class _Target:
    """The table that a step writes, and how."""

    name: TableName
    mode: Mode
    by: str
    tags: Tags

    def write(
        self,
        lake: Lake,
        run: Run,
        reader: "pa.RecordBatchReader",
        lineage: ColumnLineage,
        propagated: Mapping[str, frozenset[str]],
    ) -> StepResult:
        """Commit data, schema and tags at once, and note in the run what was written."""
        from lakeward.catalog.ingest.write import write_batches  # noqa: PLC0415  pyiceberg, for writers only

        tags = _joined(propagated, self.tags)
        committed = write_batches(
            lake,
            self.name,
            reader,
            mode=self.mode,
            tags=tags,
            keep_tags=True,  # what was said of the table stays said: tags only get stricter
            snapshot_properties=run.snapshot_properties,
            actor=self.by,
            details={"run": run.run_id, "inputs": [each.key for each in run.inputs]},
        )
        written = dataset_of(lake, lake.pin(self.name, committed.snapshot_id))
        replaces = self.mode != "append"
        run.outputs.append(Output(dataset=written, lineage=lineage, rows=committed.rows, replaces=replaces))
        shown = {path: tuple(sorted(each)) for path, each in tags.items()}
        return StepResult(
            table=self.name,
            snapshot_id=committed.snapshot_id,
            rows=committed.rows,
            run_id=run.run_id,
            tags=shown,
        )


def _joined(propagated: Mapping[str, frozenset[str]], declared: Tags) -> dict[str, list[str]]:
    """Join what travelled with what was declared, by path; a path below a column stands for itself."""
    spelled = {name.casefold(): name for name in propagated}
    joined = {name: frozenset(tags) for name, tags in propagated.items()}
    for path, tags in declared.items():
        name = spelled.get(path.casefold(), path)
        joined[name] = stricter(joined.get(name, frozenset()), tags)
    return {path: sorted(tags) for path, tags in joined.items() if tags}


def _check_classified(lake: Lake, lineage: ColumnLineage, sources: SourceTags, declared: Tags) -> None:
    """Refuse a column whose source nobody has classified, unless its own tags are declared to classify it."""
    classifying = lake.taxonomy.classifying
    said = {path.partition(".")[0].casefold() for path, tags in declared.items() if classifying & set(tags)}
    unclassified = {source for source, tags in sources.items() if not tags & classifying}
    refused = [
        output
        for output in lineage.outputs
        if output.casefold() not in said and any(edge.source in unclassified for edge in lineage.of(output))
    ]
    if refused:
        raise UnclassifiedSourceError(refused)


def _source_tags(table: PinnedTable) -> SourceTags:
    name = str(table.name)
    return {Source(name, each.name.casefold()): each.tags for each in table.columns if each.is_classified}


def dataset_of(lake: Lake, table: PinnedTable) -> TableDataset:
    """Describe a pinned table for lineage."""
    columns = [
        DatasetColumn(field_id=each.field_id, name=each.name, type=str(each.type), tags=sorted(each.tags))
        for each in table.columns
    ]
    return TableDataset(
        name=str(table.name),
        catalog=lake.config.name,
        location=table.location,
        uuid=table.uuid,
        snapshot_id=table.snapshot_id,
        schema_id=table.schema_id,
        columns=columns,
        tags=sorted(table.tags),
    )


def sha256_of(path: Path) -> str:
    """Hash a file's bytes.

    Raises:
        UnreadableInputError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise UnreadableInputError(path) from None


def job_name(sql: str, dialect: str) -> str:
    """Name a statement by the fingerprint of its text without literals.

    So does the audit log, which knows the columns, and leaves out a quoted name that is none of theirs.
    """
    import sqlglot  # noqa: PLC0415  for queries only
    from sqlglot.errors import SqlglotError  # noqa: PLC0415

    from lakeward.policies.fingerprint import fingerprint, without_literals  # noqa: PLC0415

    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
    except (SqlglotError, RecursionError):
        return "sql-unreadable"
    return f"sql-{fingerprint(without_literals(tree))}"
