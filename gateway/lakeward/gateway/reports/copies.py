"""In how many tables each direct identifier stands, by where it came from."""

from collections import defaultdict
from collections.abc import Iterator

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.gateway.reports.report import Report, table_names
from lakeward.lineage.errors import UnknownDatasetError
from lakeward.lineage.graph import Branch, LineageGraph

NOTES = (
    "An identifier that came from several columns is counted under each; raw files are not named.",
    "Lineage knows what ran through lakeward; a copy made elsewhere has itself as its origin.",
)


def copies(lake: Lake) -> Report:
    """Report in which tables each column tagged as a direct identifier stands, grouped by its origin."""
    graph = LineageGraph(lake.store)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in table_names(lake):
        try:
            table = lake.pin(name)
        except LakewardError:
            continue
        for column in table.columns:
            place = f"{name}.{column.name}"
            for tag in sorted(column.tags):
                definition = lake.taxonomy.get(tag)
                if definition and definition.letter and definition.role == "direct":
                    for origin in _origins(graph, place):
                        found[tag, origin.casefold()].add(place)
    rows = [
        (tag, origin, len({each.rpartition(".")[0] for each in places}), ", ".join(sorted(places)))
        for (tag, origin), places in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    columns = ("identifier", "origin", "tables", "columns")
    return Report(title="Copies of direct identifiers", columns=columns, rows=tuple(rows), notes=NOTES)


def _origins(graph: LineageGraph, place: str) -> set[str]:
    try:
        return set(_leaves(graph.upstream(place))) or {place}
    except UnknownDatasetError:
        return {place}


def _leaves(branch: Branch) -> Iterator[str]:
    """Give the first columns of a tree that carry the value on.

    Not what only decided which rows there are, and no raw file: its name may tell of a person.
    """
    carrying = [
        each
        for each in branch.branches
        if any(way.startswith("DIRECT") for way in each.ways) and not each.reference.is_file
    ]
    if not carrying:
        yield branch.reference.name
    for each in carrying:
        yield from _leaves(each)
