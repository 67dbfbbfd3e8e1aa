"""What lineage claims: edges from source columns to output columns, in OpenLineage's vocabulary."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
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
    """Give the same lineage under other output names, by position, as INSERT with a list of columns does."""
    names = tuple(outputs)
    mapping = dict(zip((name.casefold() for name in lineage.outputs), names, strict=True))
    edges = (_renamed(edge, mapping.get(edge.output.casefold(), edge.output)) for edge in lineage.edges)
    return ColumnLineage(names, tuple(sorted(edges)), lineage.tables, lineage.unproven)


def _renamed(edge: Edge, output: str) -> Edge:
    fields = (
        edge.source,
        edge.kind,
        edge.subtype,
        edge.strength,
        edge.masking,
        edge.is_single,
        edge.is_proven,
    )
    return Edge(output, *fields)
