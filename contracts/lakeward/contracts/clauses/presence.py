"""Whether the table has the columns, under the field-ids and of the types that the contract names.

All of it is proved from the pinned schema; no row is read.
"""

from collections.abc import Iterator

from lakeward.contracts.rules import Rule, Status
from lakeward.contracts.scope import Scope, Target, field_id_of
from lakeward.contracts.types import logical_fits, physical_fits, physical_type


def presence(scope: Scope) -> Iterator[Rule]:
    """Check that each property is there, as the column that it was."""
    for target in scope.targets():
        yield _present(target)
        if target.field is not None:
            yield from _field_id(target)
            yield from _logical(scope, target)
            yield from _physical(target)


def _present(target: Target) -> Rule:
    if target.field is None:
        return target.rule("present", at="").settle(Status.FAILED, "The table has no such column.")
    if target.path[-1].casefold() != target.prop.path[-1].casefold():
        reason = f"The column with this field-id is called {target.path[-1]!r}."
        return target.rule("present", at="").settle(Status.FAILED, reason)
    return target.rule("present", at="").settle(Status.PASSED)


def _field_id(target: Target) -> Iterator[Rule]:
    custom = target.prop.custom.get("icebergFieldId")
    if custom is None:
        return
    agreed, held = field_id_of(target.prop), target.field.field_id if target.field else None
    label = target.prop.label
    rule = Rule(id=f"{label}.icebergFieldId", kind="icebergFieldId", column=label, pointer=custom[1])
    if agreed is None:
        yield rule.settle(Status.ERROR, "A field-id is a whole number.")
    elif agreed != held:
        yield rule.settle(Status.FAILED, f"Field-id {held}, agreed {agreed}: another column under the name.")
    else:
        yield rule.settle(Status.PASSED)


def _logical(scope: Scope, target: Target) -> Iterator[Rule]:
    agreed = target.prop.text("logicalType")
    if agreed is None or target.type is None:
        return
    fits = logical_fits(agreed, scope.contract.api_version, target.type)
    yield _typed(target, "logicalType", agreed, fits=fits)


def _physical(target: Target) -> Iterator[Rule]:
    spelled = target.prop.text("physicalType")
    if spelled is None or target.type is None:
        return
    agreed = physical_type(spelled)
    if agreed is None:
        yield target.unenforced("physicalType", "A physical type that lakeward does not know.")
    else:
        yield _typed(target, "physicalType", str(agreed), fits=physical_fits(agreed, target.type))


def _typed(target: Target, kind: str, agreed: str, *, fits: bool) -> Rule:
    reason = None if fits else f"The column is {target.type}, agreed {agreed}."
    return target.rule(kind).settle(Status.PASSED if fits else Status.FAILED, reason)
