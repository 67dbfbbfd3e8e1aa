"""Whether the table is tagged as the contract says, and every column of a protected table is classified.

The lake's tags are what policies read, so a tag that only the contract bears protects nothing: that fails.
What a contract says of masks, roles and purposes is the policies' to enforce, and is listed as not enforced
here.
"""

from collections.abc import Iterator

from lakeward.catalog.pin import PinnedColumn
from lakeward.contracts.rules import Rule, Status
from lakeward.contracts.scope import Scope, Target

PROTECTED_AXES = frozenset({"phi", "pii", "health", "genomic", "cfr202", "gdpr9", "hl7"})
_AXES = PROTECTED_AXES | {"duo", "role", "sensitivity", "derived", "origin", "study_id", "link"}
_POLICY = "Policies decide this; see `lakeward policy explain`."


def governance(scope: Scope) -> Iterator[Rule]:
    """Compare the contract's tags with the lake's, and list what policies enforce."""
    for target in scope.targets():
        if target.column is not None:
            yield from _tags(target, target.column)
        for kind in ("mask", "allowedPurposes", "classification"):
            yield from _decided_by_policies(target, kind)
    if is_protected(scope):
        yield from (_classified(scope, column) for column in scope.table.columns)


def is_protected(scope: Scope) -> bool:
    """Say whether the contract or the lake says that the table holds data about people."""
    lake = {tag for column in scope.table.columns for tag in column.tags} | scope.table.tags
    told = {tag for prop in scope.object.properties for tag in prop.tags}
    return any(
        _axis(tag) in PROTECTED_AXES for tag in {*lake, *told, *scope.object.tags, *scope.contract.root.tags}
    )


def _axis(tag: str) -> str:
    return tag.partition(".")[0]


def _tags(target: Target, column: PinnedColumn) -> Iterator[Rule]:
    for index, tag in enumerate(target.prop.tags):
        kind, at = f"tag.{tag}", f"tags/{index}"
        if _axis(tag) not in _AXES:
            yield target.unenforced(kind, "Not a tag of a lake's taxonomy.", at=at)
            continue
        held = any(each == tag or each.startswith(f"{tag}.") for each in column.tags)
        reason = None if held else "The lake's column does not bear this tag: set it with `lakeward tag set`."
        yield target.rule(kind, at=at).settle(Status.PASSED if held else Status.FAILED, reason)


def _decided_by_policies(target: Target, kind: str) -> Iterator[Rule]:
    label = target.prop.label
    if kind in target.prop.custom:
        _, pointer = target.prop.custom[kind]
    elif kind in target.prop.raw:
        pointer = (*target.prop.pointer, kind)
    else:
        return
    yield Rule(
        id=f"{label}.{kind}",
        kind=kind,
        column=label,
        pointer=pointer,
        settled=Status.NOT_ENFORCED,
        reason=_POLICY,
    )


def _classified(scope: Scope, column: PinnedColumn) -> Rule:
    agreed = (each for each in scope.targets() if each.column is column and len(each.path) == 1)
    node = next((target.prop for target in agreed), scope.object)
    rule = Rule(id=f"{column.name}.classified", kind="classified", column=column.name, pointer=node.pointer)
    if column.is_classified:
        return rule.settle(Status.PASSED)
    reason = "The table holds protected data and nobody has classified this column: use `lakeward tag set`."
    return rule.settle(Status.FAILED, reason)
