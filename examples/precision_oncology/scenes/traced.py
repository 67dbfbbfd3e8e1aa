"""Where one input of the fusion model came from, down to the bytes of the raw files; and the audit chain."""

from collections import Counter
from itertools import islice
from typing import Final

from lakeward.catalog.lake import Lake
from lakeward.lineage.graph import Branch as LineageBranch
from lakeward.lineage.graph import LineageGraph, Reference
from precision_oncology.scenes.scene import Branch, Grid, Scene, Words

TRACED: Final = "fusion.inputs.f_glucose_sd"
_SHOWN_FILES = 3


def traced(lake: Lake) -> Scene:
    """Walk upstream from one column of the fusion inputs to raw files with their fingerprints."""
    graph = LineageGraph(lake.store)
    tree = graph.upstream(TRACED)
    deciding = sorted(_tables(tree) - _tables(tree, only_values=True))
    files = {each.dataset for each in _references(graph.upstream(TRACED.rpartition(".")[0])) if each.is_file}
    return Scene(
        "Where one fusion input came from",
        (
            Words("OpenLineage events of every step, walked back. A raw file's version is its SHA-256."),
            drawn(tree),
            Words(f"What only decided which rows are there: {', '.join(deciding)}."),
            Words(f"The whole of fusion.inputs rests on {len(files)} raw files."),
        ),
    )


def audited(lake: Lake) -> Scene:
    """Verify the audit chain and count what it holds."""
    verification = lake.audit.verify()
    kinds = Counter(record.kind for record in lake.audit.records())
    state = "and not one altered, missing or out of order" if not verification.faults else "ALTERED"
    return Scene(
        "The audit chain",
        (
            Words(f"{verification.records} records, {state}; head {verification.last_hash[:16]}."),
            Grid("Records", ("kind", "count"), tuple(sorted(kinds.items()))),
        ),
    )


def drawn(branch: LineageBranch) -> Branch:
    """Give a tree of what the values came from; of many files of one step only the first are shown."""
    valued = [each for each in branch.branches if _is_value(each)]
    tables = [each for each in valued if not each.reference.is_file]
    files = [each for each in valued if each.reference.is_file]
    children = [drawn(each) for each in tables] + [
        Branch(_label(each)) for each in islice(files, _SHOWN_FILES)
    ]
    if len(files) > _SHOWN_FILES:
        children.append(Branch(f"... {len(files) - _SHOWN_FILES} more files"))
    return Branch(_label(branch), tuple(children))


def _is_value(branch: LineageBranch) -> bool:
    return any(way.startswith("DIRECT") for way in branch.ways)


def _label(branch: LineageBranch) -> str:
    reference = branch.reference
    if reference.is_file:
        return f"{reference.dataset.rsplit('/', 1)[-1]}  sha256 {(reference.version or '')[:12]}"
    how = ", ".join(sorted({way.split()[1].lower() for way in branch.ways if way.startswith("DIRECT")}))
    at = f" at snapshot {reference.version}" if reference.version else ""
    return f"{reference.name}{at}{f'  ({how})' if how else ''}{'  shown above' if branch.is_repeated else ''}"


def _tables(branch: LineageBranch, *, only_values: bool = False) -> set[str]:
    found = set() if branch.reference.is_file else {branch.reference.dataset}
    for each in branch.branches:
        if _is_value(each) or not only_values:
            found |= _tables(each, only_values=only_values)
    return found


def _references(branch: LineageBranch) -> set[Reference]:
    return {branch.reference}.union(*(_references(each) for each in branch.branches))
