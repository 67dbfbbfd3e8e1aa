"""Walking what was recorded: from a table, column or raw file to what it came from, or what came of it.

A table read at a snapshot holds what every run wrote into it up to then, back to the last run that replaced
all rows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from lakeward.catalog.store import Store
from lakeward.catalog.store.schema import lineage_edge, lineage_event
from lakeward.lineage.errors import UnknownDatasetError

Direction = Literal["upstream", "downstream"]
_FILE = "file:"


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A dataset at a version, or a column of it. A file's version is its SHA-256, a table's its snapshot."""

    dataset: str
    version: str | None = None
    field: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read `namespace.table`, `namespace.table.column`, or the path of a file."""
        if text.startswith(_FILE) or "/" in text:
            path, _, version = text.removeprefix(_FILE).partition("@")
            return cls(_FILE + path, version or None)
        name, _, version = text.partition("@")
        parts = name.split(".", 2)
        return cls(".".join(parts[:2]), version or None, parts[2] if len(parts) > 2 else None)  # noqa: PLR2004

    @property
    def is_file(self) -> bool:
        """Whether this is a raw file."""
        return self.dataset.startswith(_FILE)

    @property
    def name(self) -> str:
        """The name without the version, as it is given to `parse`."""
        name = self.dataset.removeprefix(_FILE)
        return f"{name}.{self.field}" if self.field else name


@dataclass(frozen=True, slots=True)
class Branch:
    """What was reached, how (`DIRECT IDENTITY`, ...), by which runs, and what lies behind it.

    `is_repeated`: what lies behind was shown before, and is not shown again.
    """

    reference: Reference
    ways: tuple[str, ...]
    runs: tuple[str, ...]
    branches: tuple["Branch", ...] = ()
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One branch of the tree as a row; `depth` 1 lies next to the start."""

    depth: int
    reference: Reference
    ways: tuple[str, ...]
    runs: tuple[str, ...]


class LineageGraph:
    """Reads what `LineageRecorder` has written."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def upstream(self, name: str, depth: int | None = None) -> Branch:
        """Give the tree of what a table or column came from, down to raw files with their hashes.

        Raises:
            UnknownDatasetError: No run has read or written it.
        """
        return self._tree(name, "upstream", depth)

    def downstream(self, name: str, depth: int | None = None) -> Branch:
        """Give the tree of what came of a table, column or raw file.

        Raises:
            UnknownDatasetError: No run has read or written it.
        """
        return self._tree(name, "downstream", depth)

    def show(self, name: str) -> list[Row]:
        """Give what a table's newest version, or a column of it, was written from: one row to each source.

        Raises:
            UnknownDatasetError: No run has read or written it.
        """
        return list(rows(self.upstream(name, depth=1)))

    def impact(self, name: str) -> list[Row]:
        """Give everything that a change of a table, column or file may change, each once, nearest first.

        Raises:
            UnknownDatasetError: No run has read or written it.
        """
        nearest: dict[str, Row] = {}
        for row in sorted(rows(self.downstream(name)), key=lambda row: row.depth):
            nearest.setdefault(row.reference.name, row)
        return list(nearest.values())

    def _tree(self, name: str, direction: Direction, depth: int | None) -> Branch:
        with self._store.reading() as connection:
            reader = _Reader(connection)
            start = reader.start(Reference.parse(name), direction)
            return _grow(reader, Branch(start, (), ()), direction, depth, set())


def rows(branch: Branch, depth: int = 1) -> Iterator[Row]:
    """Give a tree as rows, each branch before what lies behind it; the start itself is no row."""
    for each in branch.branches:
        yield Row(depth, each.reference, each.ways, each.runs)
        yield from rows(each, depth + 1)


def _grow(
    reader: "_Reader", branch: Branch, direction: Direction, depth: int | None, seen: set[Reference]
) -> Branch:
    if branch.reference in seen:
        return Branch(branch.reference, branch.ways, branch.runs, is_repeated=True)
    seen.add(branch.reference)
    if depth == 0:
        return branch
    next_depth = None if depth is None else depth - 1
    near = reader.near(branch.reference, direction)
    grown = tuple(_grow(reader, each, direction, next_depth, seen) for each in near)
    return Branch(branch.reference, branch.ways, branch.runs, grown)


class _Reader:
    """Edges next to a reference, from one reading of the store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._writers: dict[str, list[tuple[str, str, bool]]] = {}

    def start(self, wanted: Reference, direction: Direction) -> Reference:
        """Find the version meant when none is given: upstream the newest, downstream every one."""
        side = lineage_edge.c.output_dataset if direction == "upstream" else lineage_edge.c.input_dataset
        other = lineage_edge.c.input_dataset if direction == "upstream" else lineage_edge.c.output_dataset
        for column in (side, other):
            newest = select(column).where(_is(column, wanted)).order_by(lineage_edge.c.id.desc()).limit(1)
            key = self._connection.execute(newest).scalar()
            if key is not None:
                version = _reference(key).version if direction == "upstream" else wanted.version
                return Reference(wanted.dataset, version, wanted.field)
        raise UnknownDatasetError

    def near(self, reference: Reference, direction: Direction) -> list[Branch]:
        """Give the branches next to a reference, sorted, one to each reference that edges lead to."""
        if direction == "upstream":
            found = self._edges_into(reference)
            side = "input"
        else:
            found = self._edges_from(reference)
            side = "output"
        grouped: dict[Reference, list[RowMapping]] = {}
        for edge in found:
            field = edge[f"{side}_field"] if reference.field else None
            target = _reference(edge[f"{side}_dataset"], field)
            grouped.setdefault(target, []).append(edge)
        return [_branch(target, edges) for target, edges in sorted(grouped.items(), key=_by_name)]

    def _edges_into(self, reference: Reference) -> Sequence[RowMapping]:
        written = self._holding(reference)
        query = select(lineage_edge).where(lineage_edge.c.output_dataset.in_(written))
        if reference.field:
            field = lineage_edge.c.output_field
            query = query.where(field.is_(None) | (func.lower(field) == reference.field.lower()))
        return self._connection.execute(query.order_by(lineage_edge.c.id)).mappings().all()

    def _edges_from(self, reference: Reference) -> Sequence[RowMapping]:
        query = select(lineage_edge).where(_is(lineage_edge.c.input_dataset, reference, later=True))
        if reference.field:
            field = lineage_edge.c.input_field
            query = query.where(field.is_(None) | (func.lower(field) == reference.field.lower()))
        return self._connection.execute(query.order_by(lineage_edge.c.id)).mappings().all()

    def _holding(self, reference: Reference) -> list[str]:
        """Give the versions whose rows a version holds: back to the last run that replaced them all."""
        held: list[str] = []
        writers = self._written(reference.dataset)
        keys = [key for key, _, _ in writers]
        end = _key(reference)
        known = end in keys
        for key, _, replaces in reversed(writers[: keys.index(end) + 1] if known else writers):
            held.append(key)
            if replaces:
                break
        return held

    def _written(self, dataset: str) -> list[tuple[str, str, bool]]:
        """Give every version that runs wrote, oldest first: key, run, whether it replaced all rows."""
        if dataset not in self._writers:
            column = lineage_edge.c.output_dataset
            first = func.min(lineage_edge.c.id)
            query = select(column, lineage_edge.c.run_id).where(_is(column, Reference(dataset)))
            query = query.group_by(column, lineage_edge.c.run_id).order_by(first)
            found = self._connection.execute(query).all()
            replacing = self._replacing({run for _, run in found})
            self._writers[dataset] = [(key, run, run in replacing) for key, run in found]
        return self._writers[dataset]

    def _replacing(self, runs: set[str]) -> set[str]:
        query = select(lineage_event.c.run_id, lineage_event.c.document)
        query = query.where(lineage_event.c.run_id.in_(runs), lineage_event.c.event_type == "COMPLETE")
        found = self._connection.execute(query).all()
        return {run for run, document in found if _overwrites(json.loads(document))}


def _overwrites(event: Mapping[str, list[Mapping[str, Mapping[str, object]]]]) -> bool:
    return any("lifecycleStateChange" in output["facets"] for output in event["outputs"])


def _is(column: ColumnElement[str], wanted: Reference, *, later: bool = False) -> ColumnElement[bool]:
    """Match a stored key with a reference: its own version, or any when it names none."""
    if wanted.version and not later:
        return column == _key(wanted)
    return (column == wanted.dataset) | column.startswith(f"{wanted.dataset}@", autoescape=True)


def _branch(target: Reference, edges: Iterable[RowMapping]) -> Branch:
    listed = list(edges)
    ways = sorted(
        {f"{edge['kind']} {edge['subtype']}" + (" masking" if edge["masking"] else "") for edge in listed}
    )
    return Branch(target, tuple(ways), tuple(sorted({edge["run_id"] for edge in listed})))


def _by_name(item: tuple[Reference, object]) -> tuple[str, str, str]:
    reference = item[0]
    return reference.dataset, reference.field or "", reference.version or ""


def _key(reference: Reference) -> str:
    return f"{reference.dataset}@{reference.version}" if reference.version else reference.dataset


def _reference(key: str, field: str | None = None) -> Reference:
    dataset, separator, version = key.rpartition("@")
    return Reference(dataset, version, field) if separator else Reference(key, None, field)
