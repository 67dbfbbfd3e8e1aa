"""What the contract says of a column's values: required, unique, primary key, options of the type, enum."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from lakeward.catalog.types import ListType, PrimitiveType
from lakeward.contracts.clauses.options import OPTIONS, is_one_of
from lakeward.contracts.predicates import duplicates, nulls, violations
from lakeward.contracts.rules import Rule, Status
from lakeward.contracts.scope import Scope, Target, is_primitive

_MISSING = "The table has no such column."
_NESTED = "A clause about a nested type is not counted."


def values(scope: Scope) -> Iterator[Rule]:
    """Make the rules that count values which break a property's own clauses."""
    for target in scope.targets():
        for key in (key for key in _CLAUSES if target.prop.raw.get(key)):
            yield from _CLAUSES[key](target) if target.field else (target.unenforced(key, _MISSING),)
    yield from _primary_key(scope)


def _required(target: Target) -> Iterator[Rule]:
    if target.field is not None and target.field.required and len(target.path) == 1:
        yield target.rule("required").settle(Status.PASSED, "The table's schema refuses NULL here.")
    else:
        yield target.rule("required").counted(nulls(target.value))


def _unique(target: Target) -> Iterator[Rule]:
    if is_primitive(target.type):
        yield target.rule("unique").counted(duplicates([target.value]))
    else:
        yield target.unenforced("unique", _NESTED)


def _enum(target: Target) -> Iterator[Rule]:
    listed = [entry.get("value") for entry in target.prop.raw["enum"] if isinstance(entry, dict)]
    yield target.rule("enum").counted(violations(target.value, is_one_of(target, listed)))


def _options(target: Target) -> Iterator[Rule]:
    options: Mapping[str, Any] = target.prop.raw["logicalTypeOptions"]
    for name, option in options.items():
        at = f"logicalTypeOptions/{name}"
        make = OPTIONS.get(name)
        if make is None:
            yield target.unenforced(name, "lakeward does not enforce this option.", at=at)
        elif not isinstance(target.type, PrimitiveType | ListType):
            yield target.unenforced(name, _NESTED, at=at)
        else:
            yield _judged(target, target.rule(name, at=at), make(target, option))


def _judged(target: Target, rule: Rule, good: exp.Expr | str) -> Rule:
    if isinstance(good, str):
        return rule.settle(Status.ERROR, good)
    return rule.counted(violations(target.value, good))


def _primary_key(scope: Scope) -> Iterator[Rule]:
    keys = [each for each in scope.targets() if each.prop.raw.get("primaryKey") and len(each.prop.path) == 1]
    if not keys:
        return
    keys.sort(key=lambda each: each.prop.raw.get("primaryKeyPosition") or 0)
    rule = keys[0].rule("primaryKey")
    if len(keys) > 1:
        reason = f"The key is ({', '.join(each.prop.label for each in keys)})."
        rule = replace(scope.table_rule("primaryKey", rule.pointer), reason=reason)
    if not all(is_primitive(each.type) for each in keys):
        yield rule.settle(Status.NOT_ENFORCED, "A column of the key is missing, or of a nested type.")
        return
    yield rule.counted(duplicates([each.value for each in keys]))
    for each in keys:
        if not each.prop.raw.get("required"):
            yield from (replace(part, pointer=rule.pointer) for part in _required(each))


_CLAUSES: Mapping[str, Callable[[Target], Iterator[Rule]]] = {
    "required": _required,
    "unique": _unique,
    "logicalTypeOptions": _options,
    "enum": _enum,
}
