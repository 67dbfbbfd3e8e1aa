"""Two versions of a contract, graded twice: what a reader of the data loses, who may see more than before.

Each module compares one aspect and yields changes; `ASPECTS` is the order in which a diff lists them. What
cannot be compared is graded as the worse: a pattern that changed may be looser.
"""

from collections.abc import Callable, Iterator

from lakeward.contracts.diff.changes import Change, ContractDiff, Data, Pair, Privacy
from lakeward.contracts.diff.governance import governance
from lakeward.contracts.diff.properties import properties
from lakeward.contracts.diff.quality import quality
from lakeward.contracts.diff.service_levels import service_levels
from lakeward.contracts.document import Contract

ASPECTS: tuple[Callable[[Pair[Contract]], Iterator[Change]], ...] = (
    properties,
    quality,
    service_levels,
    governance,
)


def diff_contracts(old: Contract, new: Contract) -> ContractDiff:
    """Grade every difference between two versions of a contract."""
    pair = Pair(old, new)
    changes = tuple(change for aspect in ASPECTS for change in aspect(pair))
    approvers = {node.text("firstLevelApprovers") for node in old.root.children("roles")}
    return ContractDiff(
        old_version=old.version,
        new_version=new.version,
        path=new.path,
        changes=changes,
        approvers=tuple(sorted(filter(None, approvers))),
    )


__all__ = ["Change", "ContractDiff", "Data", "Privacy", "diff_contracts"]
