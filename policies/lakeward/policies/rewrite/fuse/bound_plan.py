"""The plan that the engine binds for a text, as it gives it out: every cast, every call, every other part."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lakeward.policies.rewrite.fuse.kinds import NotProvenError

Node = dict[str, Any]

_WINDOW: Final = "BOUND_WINDOW"
_CALLS: Final = frozenset({"BOUND_FUNCTION", "BOUND_AGGREGATE", _WINDOW})
_PLACE: Final = {"table_index", "column_index"}
"""Where a column stands that is named from beside; no relation."""
_INSTANT: Final = "TIMESTAMP WITH TIME ZONE"
"""Where it has no local time, the engine fails also when it is asked to try."""
_OPERATOR, _CAST, _RELATION = "BOUND_OPERATOR", "BOUND_CAST", "LOGICAL_"


@dataclass(frozen=True, slots=True)
class BoundType:
    """A type of the engine, with what its casts depend on."""

    id: str
    width: int = 0
    scale: int = 0
    parts: tuple["BoundType", ...] = ()


Cast = tuple[BoundType, BoundType]
"""The types before and after."""


@dataclass(frozen=True, slots=True)
class BoundArgument:
    """What a call is given.

    Attributes:
        type: The name of its type, one word.
        made_of: The name of the type that it had before, where it was cast.
        is_constant: Whether no cell comes into it.
        is_guarded: Whether no cell does that is not held within bounds first, see `guards.py`.
    """

    type: str
    made_of: str
    is_constant: bool
    is_guarded: bool = False


@dataclass(frozen=True, slots=True)
class BoundCall:
    """A function, aggregate or window, by the engine's name of it, with what it is given.

    An aggregate over a window has another name than one of groups: it may fail where that does not.
    """

    name: str
    arguments: tuple[BoundArgument, ...]


@dataclass(frozen=True, slots=True)
class BoundPlan:
    """A plan.

    Attributes:
        casts: The types of each cast, but for those of TRY that can be tried, and of what no cell comes into.
        calls: Every call.
        parts: The names of all else that it is made of.
    """

    casts: tuple[Cast, ...]
    calls: tuple[BoundCall, ...]
    parts: frozenset[str]


def read_plan(text: str) -> BoundPlan:
    """Read a plan from its JSON.

    Raises:
        NotProvenError: It is no plan.
    """
    casts: list[Node] = []
    calls: list[Node] = []
    parts: set[str] = set()

    def noted(node: Node) -> Node:
        kind = node.get("expression_class")
        if kind is None:
            if ("table_index" in node and node.keys() != _PLACE) or str(node.get("type")).startswith(
                _RELATION
            ):
                parts.add(" ".join(str(node[each]) for each in ("type", "name") if each in node))
        elif kind in _CALLS:
            calls.append(node)
        else:
            parts.add(node["type"] if kind == _OPERATOR else kind)
            if kind == _CAST:
                casts.append(node)
        return node

    if json.loads(text, object_hook=noted).get("error"):
        raise NotProvenError("a query that the engine does not bind")
    return BoundPlan(tuple(_risky(casts)), tuple(map(_call, calls)), frozenset(parts))


def _risky(casts: list[Node]) -> Iterator[Cast]:
    for each in casts:
        before = _type_of(each["child"])
        is_tried = each.get("try_cast") and before.id != _INSTANT
        if not is_tried and not _is_constant(each):
            yield before, _type_of(each)


def _call(node: Node) -> BoundCall:
    given = tuple(map(_argument, node.get("children") or ()))
    name = str(node.get("name") or node["type"])
    is_over = node["expression_class"] == _WINDOW and "name" in node
    return BoundCall(f"{name} OVER" if is_over else name, given)


def _argument(node: Node) -> BoundArgument:
    before = _type_of(node["child"]).id if node.get("expression_class") == _CAST else ""
    return BoundArgument(_type_of(node).id.replace(" ", "_"), before, _is_constant(node), _is_guarded(node))


def _is_guarded(node: Node) -> bool:
    """Whether it is a CASE of constants, and of what is no less or no more than one."""
    if node.get("expression_class") != "BOUND_CASE":
        return False
    results = [each["then_expr"] for each in node["case_checks"]] + [node["else_expr"]]
    return all(_is_constant(each) or _is_bounded(each) for each in results)


def _is_bounded(node: Node) -> bool:
    return node.get("name") in {"greatest", "least"} and any(map(_is_constant, node["children"]))


def _is_constant(expression: Node) -> bool:
    match expression.get("expression_class"):
        case "BOUND_CAST":
            return _is_constant(expression["child"])
        case "BOUND_FUNCTION":
            return all(_is_constant(each) for each in expression["children"])
        case kind:
            return kind == "BOUND_CONSTANT"


def _type_of(expression: Node) -> BoundType:
    if "value" in expression:
        return _type(expression["value"]["type"])
    return _type(expression["return_type"]) if "return_type" in expression else BoundType("BOOLEAN")


def _type(document: Node) -> BoundType:
    info = document.get("type_info") or {}
    return BoundType(document["id"], info.get("width", 0), info.get("scale", 0), tuple(_parts(info)))


def _parts(info: Node) -> Iterator[BoundType]:
    if "child_type" in info:
        yield _type(info["child_type"])
    for each in info.get("child_types", ()):
        yield _type(each["second"])
