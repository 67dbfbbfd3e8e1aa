"""Lineage of what is not SQL: what whoever wrote the code declares, and everything where nothing is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lakeward.lineage.edges import ColumnLineage, Direct, Edge, Indirect, Kind, Source
from lakeward.lineage.errors import UndeclaredColumnError, UndeclaredInputError, UnknownWayError

WHOLE_OUTPUT = ""
_DIRECT = frozenset(each.name for each in Direct)
_INDIRECT = frozenset(each.name for each in Indirect) - {"SINGLE"}


@dataclass(frozen=True, slots=True)
class From:
    """Where an output column comes from: a declared input and, of a table, its column (None: every column).

    `how`: IDENTITY, TRANSFORMATION or AGGREGATION for values that reach the column; JOIN, GROUP_BY, FILTER,
    SORT, WINDOW or CONDITIONAL for what only decides it.
    """

    source: str | Path
    column: str | None = None
    how: str = "TRANSFORMATION"


Declaration = Mapping[str, Sequence[From]]


def declared_lineage(
    outputs: Sequence[str], declaration: Declaration, inputs: Mapping[str, Sequence[str]]
) -> ColumnLineage:
    """Give the lineage that a declaration says; a column that it leaves out comes from every input, unproven.

    Args:
        outputs: Names of the output's columns.
        declaration: By output column, or `""` for the whole output.
        inputs: The columns of every input by its name; a file has none.

    Raises:
        UndeclaredColumnError: The declaration speaks of a column that the output does not have.
        UndeclaredInputError: It names a source that is no input, or a column that the input does not have.
        UnknownWayError: It names a way that lineage does not know.
    """
    folded = {name.casefold(): [each.casefold() for each in columns] for name, columns in inputs.items()}
    said = {name.casefold(): sources for name, sources in declaration.items()}
    unknown = said.keys() - {WHOLE_OUTPUT, *(name.casefold() for name in outputs)}
    if unknown:
        raise UndeclaredColumnError(unknown)
    edges = set(_edges(WHOLE_OUTPUT, said.get(WHOLE_OUTPUT, ()), folded))
    unsaid = [name for name in outputs if name.casefold() not in said]
    for name in outputs:
        edges.update(_edges(name, said.get(name.casefold(), ()), folded))
    edges.update(edge for name in unsaid for edge in _everything(name, folded))
    reason = "columns without a declaration" if unsaid else None
    return ColumnLineage(tuple(outputs), tuple(sorted(edges)), tuple(sorted(folded)), reason)


def _edges(output: str, sources: Iterable[From], inputs: Mapping[str, Sequence[str]]) -> Iterator[Edge]:
    for each in sources:
        if each.how not in _DIRECT | _INDIRECT:
            raise UnknownWayError(_DIRECT | _INDIRECT)
        kind = Kind.DIRECT if each.how in _DIRECT else Kind.INDIRECT
        for source in _sources(each, inputs):
            yield Edge(output, source, kind, each.how)


def _sources(declared: From, inputs: Mapping[str, Sequence[str]]) -> list[Source]:
    name = str(declared.source).casefold()
    if name not in inputs:
        raise UndeclaredInputError(sorted(inputs))
    columns = inputs[name]
    if declared.column is None:
        return [Source(name, each) for each in columns or ("",)]
    if columns and declared.column.casefold() not in columns:
        raise UndeclaredInputError(sorted(columns))
    return [Source(name, declared.column.casefold())]


def _everything(output: str, inputs: Mapping[str, Sequence[str]]) -> Iterator[Edge]:
    for name, columns in inputs.items():
        for column in columns or ("",):
            yield Edge(output, Source(name, column), Kind.DIRECT, Direct.TRANSFORMATION.name, is_proven=False)
