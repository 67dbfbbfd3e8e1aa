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
    tree = LineageGraph(lake.store).upstream(TRACED)
    files = {
        each.dataset
        for each in _references(LineageGraph(lake.store).upstream("fusion.inputs"))
        if each.is_file
    }
    return Scene(
        "Where one fusion input came from",
        (
            Words("OpenLineage events of every step, walked back. A raw file's version is its SHA-256."),
            drawn(tree),
            Words(f"The whole of fusion.inputs rests on {len(files)} raw files."),
        ),
    )


def audited(lake: Lake) -> Scene:
    """Verify the audit chain and count what it holds."""
    verification = lake.audit.verify()
    kinds = Counter(record.kind for record in lake.audit.records())
    return Scene(
        "The audit chain",
        (
            Words(f"Verified: {verification}"),
            Grid("Records", ("kind", "count"), tuple(sorted(kinds.items()))),
        ),
    )


def drawn(branch: LineageBranch) -> Branch:
    """Give a tree of lineage as a tree of labels; of many files of one step only the first are shown."""
    tables = [each for each in branch.branches if not each.reference.is_file]
    files = [each for each in branch.branches if each.reference.is_file]
    children = [drawn(each) for each in tables] + [
        Branch(_label(each)) for each in islice(files, _SHOWN_FILES)
    ]
    if len(files) > _SHOWN_FILES:
        children.append(Branch(f"... {len(files) - _SHOWN_FILES} more files"))
    return Branch(_label(branch), tuple(children))


def _label(branch: LineageBranch) -> str:
    reference = branch.reference
    if reference.is_file:
        return f"{reference.name.rsplit('/', 1)[-1]}  sha256 {(reference.version or '')[:12]}"
    how = ", ".join(sorted({way.split()[-1].lower() for way in branch.ways}))
    shown = "  (shown above)" if branch.is_repeated else ""
    return f"{reference.name}{f'  {how}' if how else ''}{shown}"


def _references(branch: LineageBranch) -> set[Reference]:
    found = {branch.reference}
    for each in branch.branches:
        found |= _references(each)
    return found
