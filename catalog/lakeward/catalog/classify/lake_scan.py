"""Tables of a lake, classified: with a sample of values, with lineage, and with what was judged before.

Reading values for it is an act of the lake itself and is recorded before the first one is read. A column
that a person has tagged is left alone; what was judged before is judged again when the classifier, the
column or the data has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from sqlalchemy import or_, select

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.classify import VERSION
from lakeward.catalog.classify.column import Column, Proposal
from lakeward.catalog.classify.files import SAMPLE_ROWS
from lakeward.catalog.classify.flatten import flatten
from lakeward.catalog.classify.memory import Judged, fingerprint, is_pinned, recall, remember
from lakeward.catalog.classify.tables import classify_columns
from lakeward.catalog.effective import walk
from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import Reading, read_table
from lakeward.catalog.rows import catalog_rows, table_locations
from lakeward.catalog.store.schema import lineage_edge
from lakeward.catalog.tags import UnknownNamespaceError, list_tags
from lakeward.catalog.types import PrimitiveType

_FILES = 16
"""How many data files of a table are looked into."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanOrder:
    """How to scan.

    Attributes:
        rows: How many rows to sample; 0 reads no values.
        changed: Only columns that were not judged yet, or that changed since, or under another classifier.
        pinned: Also columns that a person has tagged.
        actor: Who asks, for the record.
    """

    rows: int = SAMPLE_ROWS
    changed: bool = False
    pinned: bool = False
    actor: str = "unknown"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What came of the scan of a table; `left_out` counts columns that a person has tagged."""

    proposals: tuple[Proposal, ...]
    left_out: int = 0


def namespace_tables(lake: Lake, namespace: str) -> list[TableName]:
    """Name the tables of a namespace.

    Raises:
        UnknownNamespaceError: There is none of that name.
    """
    with catalog_rows(lake.catalog_engine) as connection:
        found = [each for each in table_locations(connection, lake.config.name) if each[0] == namespace]
    if not found:
        raise UnknownNamespaceError(namespace)
    return [TableName(each[0], each[1]) for each in found]


def scan_table(lake: Lake, name: TableName, order: ScanOrder) -> Scanned:
    """Propose tags for the columns of a table.

    Raises:
        TableNotFoundError: There is no such table.
        UnverifiedTagsError: Its tags do not verify.
        AuditUnavailableError: The act cannot be recorded.
    """
    reading = read_table(lake, name)
    known = recall(lake, reading.metadata.uuid)
    if order.changed and _is_all_known(reading, known):
        return Scanned(())
    details = {
        "table": str(name), "uuid": reading.metadata.uuid, "snapshot": reading.metadata.current_snapshot_id,
        "classifier": VERSION, "rows": order.rows,
    }  # fmt: skip
    lake.audit.append(AuditEvent(kind="classify.scan", principal=order.actor, details=details))
    columns = _with_lineage(lake, name, _columns(lake, name, reading, order.rows))
    proposals = classify_columns(str(name), columns)
    return _kept(lake, name, reading, order, list(zip(columns, proposals, strict=True)))


def _kept(
    lake: Lake, name: TableName, reading: Reading, order: ScanOrder, judged: Sequence[tuple[Column, Proposal]]
) -> Scanned:
    """Remember every verdict; give those that were asked for."""
    known = recall(lake, reading.metadata.uuid)
    own = {each.path: each.own for each in list_tags(lake, name)}
    kept, left_out, notes = [], 0, []
    for column, proposal in judged:
        field_id = _field_ids(reading).get(column.name)
        if field_id is None:
            continue
        before = known.get(field_id)
        mark = fingerprint(lake, column)
        notes.append(Judged.of(proposal, field_id, mark, reading.metadata.current_snapshot_id, before))
        is_same = before is not None and (before.classifier, before.fingerprint) == (VERSION, mark)
        if is_pinned(own.get(column.name, frozenset()), before, lake.taxonomy) and not order.pinned:
            left_out += 1
        elif not (order.changed and is_same):
            kept.append(proposal)
    remember(lake, reading.metadata.uuid, notes)
    return Scanned(tuple(kept), left_out)


def _is_all_known(reading: Reading, known: dict[int, Judged]) -> bool:
    """Whether every leaf was judged by this classifier, under its name, at this snapshot."""
    now = (VERSION, reading.metadata.current_snapshot_id)
    return all(
        (before := known.get(field_id)) is not None
        and (before.classifier, before.snapshot_id) == now
        and before.path == path
        for path, field_id in _field_ids(reading).items()
    )


def _field_ids(reading: Reading) -> dict[str, int]:
    """Give field-id by path of every leaf."""
    places = {path: place for field in reading.metadata.fields for path, place in walk(field).items()}
    return {
        path: field_id
        for path, (field_id, type_) in places.items()
        if isinstance(type_, PrimitiveType) or str(type_) in {"list<float>", "list<double>"}
    }


def _columns(lake: Lake, name: TableName, reading: Reading, rows: int) -> list[Column]:
    types = {
        path: str(type_)
        for field in reading.metadata.fields
        for path, (_id, type_) in walk(field).items()
        if path in _field_ids(reading)
    }
    if not rows or reading.metadata.current_snapshot_id is None:
        return [Column(path, type_) for path, type_ in types.items()]
    table = _sample(lake, name, rows)
    by_path = {column.name: column for column in flatten(table.schema, table)}
    return [
        replace(by_path[path], type=type_) if path in by_path else Column(path, type_)
        for path, type_ in types.items()
    ]


def _sample(lake: Lake, name: TableName, rows: int) -> pa.Table:
    """Read the beginnings of a few data files, evenly spread over the snapshot."""
    from pyiceberg.io.pyarrow import ArrowScan  # noqa: PLC0415  pyiceberg, for readers of data only

    from lakeward.catalog.iceberg import iceberg_errors, load_table  # noqa: PLC0415

    table = load_table(lake.iceberg(), name)
    with iceberg_errors(name):
        scan = table.scan()
        tasks = list(scan.plan_files())
        chosen = (
            [tasks[index] for index in sorted({part * len(tasks) // _FILES for part in range(_FILES)})]
            if tasks
            else []
        )
        share = max(1, rows // max(1, len(chosen)))
        parts = [
            ArrowScan(table.metadata, table.io, scan.projection(), scan.row_filter, limit=share).to_table(
                [task]
            )
            for task in chosen
        ]
        return pa.concat_tables(parts, promote_options="permissive") if parts else scan.to_arrow()


def _with_lineage(lake: Lake, name: TableName, columns: list[Column]) -> list[Column]:
    """Add what the columns that they were derived from are tagged with."""
    edge = lineage_edge.c
    of_table = or_(
        edge.output_dataset == str(name), edge.output_dataset.startswith(f"{name}@", autoescape=True)
    )
    query = select(edge.output_field, edge.input_dataset, edge.input_field).where(
        of_table, edge.kind == "DIRECT", edge.input_field.is_not(None)
    )
    with lake.store.reading() as connection:
        edges = {(row[0], row[1].partition("@")[0], row[2]) for row in connection.execute(query.distinct())}
    inherited: dict[str, frozenset[str]] = {}
    for output, dataset, source in edges:
        tags = _tags_of(lake, dataset, source)
        inherited[output] = inherited.get(output, frozenset()) | tags
    return [replace(each, inherited=inherited.get(each.name, frozenset())) for each in columns]


def _tags_of(lake: Lake, dataset: str, column: str) -> frozenset[str]:
    """Give a source column's tags; a table that is gone, or a file, has none to tell."""
    try:
        listed = list_tags(lake, TableName.parse(dataset))
    except LakewardError:
        return frozenset()
    return next((each.effective for each in listed if each.path == column), frozenset())
