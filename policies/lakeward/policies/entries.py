"""One entry of a document, a rule or a role, read by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml  # type: ignore[import-untyped]  # PyYAML ships no types
from pydantic import TypeAdapter, ValidationError

from lakeward.policies.documents import Grant, Name, Restriction, Right, Role
from lakeward.policies.row_filter import RowFilterFault, check_row_filter
from lakeward.policies.yaml_parts import Part, Parts
from lakeward.policies.yaml_tree import YamlFault, plain, read_tree

AnyRule = Grant | Restriction | Right
Names = frozenset[str]

RULES: Mapping[str, type[AnyRule]] = {"grants": Grant, "restrictions": Restriction, "rights": Right}
_ROLES: TypeAdapter[dict[str, Role]] = TypeAdapter(dict[Name, Role])
_NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a document.

    Attributes:
        name: The id of a rule, the name of a role.
        value: The rule or the role.
        named: The roles, the purposes and the tags that it speaks of.
        fault: Why its row filter cannot be parsed; None when it can, or when it has none.
    """

    name: str
    value: AnyRule | Role
    named: tuple[Names, Names, Names]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Misread:
    """An entry that is none: YAML, and no rule or role."""

    name: str
    error: ValidationError


def rest_of(parts: Parts) -> Any:  # noqa: ANN401 - whatever was written
    """Return the plain value of a text without its lists.

    Raises:
        YamlFault: It is not the YAML that the text is without them.
    """
    tree = read_tree(parts.rest)
    if not isinstance(tree, yaml.MappingNode):
        raise YamlFault("holds no mapping: it starts with `version: 1`")
    keys = {(key.start_mark.line, key.start_mark.column) for key, _ in tree.value}
    for each in parts.lists:
        if (each.line, 0) not in keys:  # something before it is still open there
            raise YamlFault("is not valid YAML", each.line + 1)
    return plain(tree)


def read_entry(part: Part, number: int) -> Entry | Misread:
    """Read one entry of a list.

    Raises:
        YamlFault: It is not valid YAML by itself, or not one entry.
    """
    try:
        tree = read_tree(part.entries[number])
        value = _only(tree, yaml.MappingNode if part.is_map else yaml.SequenceNode)
    except YamlFault as fault:
        raise part.fault(number, str(fault), fault.line, fault.column) from None
    return _role(value) if part.is_map else _rule(RULES[part.key], value[0])


def _only(tree: Any, kind: Any) -> Any:  # noqa: ANN401 - PyYAML's nodes are untyped
    if not isinstance(tree, kind) or len(tree.value) != 1:
        raise YamlFault("is not one entry")
    return plain(tree, level=1)


def _role(value: dict[str, Any]) -> Entry | Misread:
    [name] = value
    try:
        return role_entry(name, _ROLES.validate_python(value)[name])
    except ValidationError as error:
        return Misread(name, error)


def _rule(model: type[AnyRule], value: object) -> Entry | Misread:
    try:
        return rule_entry(model.model_validate(value))
    except ValidationError as error:
        return Misread("", error)


def role_entry(name: str, role: Role) -> Entry:
    """Make the entry of a role."""
    return Entry(name, role, (_same(frozenset(role.includes)), _NONE, _NONE))


def rule_entry(rule: AnyRule) -> Entry:
    """Make the entry of a rule, having looked whether its row filter can be parsed."""
    roles = _same(frozenset((*rule.to, *getattr(rule, "except_", ()))))
    if isinstance(rule, Right):
        return Entry(rule.id, rule, (roles, _NONE, _NONE))
    tags = frozenset((*rule.tagged, *(tag for each in rule.columns for tag in each.tags)))
    fault = None
    try:
        if rule.rows is not None:
            check_row_filter(rule.rows)
    except RowFilterFault as found:
        fault = str(found)
    return Entry(rule.id, rule, (roles, _same(frozenset(rule.purposes)), _same(tags)), fault)


@lru_cache(maxsize=10_000)
def _same(names: Names) -> Names:
    """Return one object for equal sets: thousands of rules name the same."""
    return names
