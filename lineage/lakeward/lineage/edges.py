"""What lineage claims: edges from source columns to output columns, in OpenLineage's vocabulary."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from itertools import chain, count
from typing import NamedTuple


class Kind(StrEnum):
    """Whether a value reaches the output, or only decides it."""

    DIRECT = "DIRECT"
    INDIRECT = "INDIRECT"


class Direct(IntEnum):
    """How a value reaches the output; along a path the highest holds."""

    IDENTITY = 0
    TRANSFORMATION = 1
    AGGREGATION = 2


class Indirect(IntEnum):
    """How a value decides the output without reaching it."""

    JOIN = 0
    GROUP_BY = 1
    FILTER = 2
    SORT = 3
    WINDOW = 4
    CONDITIONAL = 5
    SINGLE = 6  # a FILTER on equality with one constant: what is left is about one value; published as FILTER


class Strength(IntEnum):
    """What masking is worth; along a path the highest holds, between paths the lowest.

    NONE returns or contains the value; DICTIONARY (an unkeyed hash) yields to guessing; RULE generalises
    exactly as Safe Harbor says (year, three ZIP digits, 90 and older); KEYED is a pseudonym; COUNT leaves no
    value, but small cells; FULL leaves nothing.
    """

    NONE = 0
    DICTIONARY = 1
    RULE = 2
    KEYED = 3
    COUNT = 4
    FULL = 5


class Source(NamedTuple):
    """A column of a table that was read, `table` as `namespace.table`; both are casefolded.

    `column` is `""` for a source that has no columns: a raw file, whose path `table` then is.
    """

    table: str
    column: str


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One claim. `output` is a column of the output, or `""`: the whole output, its rows included.

    Attributes:
        masking: OpenLineage's flag; `strength` says what it is worth.
        is_single: The source was held equal to a constant, so that the output is about one value of it.
        is_proven: False when the statement could not be resolved and everything is claimed to be sure.
    """

    output: str
    source: Source
    kind: Kind
    subtype: str
    strength: Strength = Strength.NONE
    masking: bool = False
    is_single: bool = False
    is_proven: bool = True


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """The lineage of one statement: its output columns in order, its edges sorted, the tables it read.

    `unproven` says why the edges are everything that could be; None when they were derived.
    """

    outputs: tuple[str, ...]
    edges: tuple[Edge, ...]
    tables: tuple[str, ...]
    unproven: str | None = None

    def of(self, output: str) -> Iterator[Edge]:
        """Give the edges of one output column, those of the whole output included."""
        folded = output.casefold()
        return (edge for edge in self.edges if edge.output.casefold() in {folded, ""})

    def sources(self, output: str, kind: Kind) -> frozenset[Source]:
        """Give the sources of one output column by edges of its own (`""`: of the whole output)."""
        folded = output.casefold()
        return frozenset(
            edge.source for edge in self.edges if edge.output.casefold() == folded and edge.kind == kind
        )


def rename(lineage: ColumnLineage, outputs: Iterable[str]) -> ColumnLineage:
    """Give the same lineage under other output names, by position, as INSERT with a list of columns does.

    Of another number of columns nothing is known but that they come from the same sources.
    """
    names = distinct(outputs)
    if len(names) != len(lineage.outputs):
        return everything(names, {edge.source for edge in lineage.edges}, lineage.tables, lineage.unproven)
    mapping = dict(zip(lineage.outputs, names, strict=True))
    edges = (replace(edge, output=mapping.get(edge.output, edge.output)) for edge in lineage.edges)
    return replace(lineage, outputs=names, edges=tuple(sorted(edges)))


def everything(
    outputs: tuple[str, ...], sources: Iterable[Source], tables: tuple[str, ...], reason: str | None
) -> ColumnLineage:
    """Claim that every source reaches every output, unproven."""
    found = sorted(sources)
    edges = (
        Edge(output, source, Kind.DIRECT, Direct.TRANSFORMATION.name, is_proven=False)
        for output in outputs
        for source in found
    )
    return ColumnLineage(outputs, tuple(sorted(edges)), tables, reason or "columns that only the data tells")


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Tell equal names apart (`id`, `id_1`) and name the nameless (`column1`): each means one column."""
    found: list[str] = []
    taken: set[str] = set()
    for place, name in enumerate(names, 1):
        base = name or f"column{place}"
        candidates = chain([base], (f"{base}_{number}" for number in count(1)))
        found.append(next(each for each in candidates if each.casefold() not in taken))
        taken.add(found[-1].casefold())
    return tuple(found)
