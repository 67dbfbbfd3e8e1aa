"""Quality clauses: one that goes, weakens or changes in a way that cannot be compared breaks its readers."""

from collections.abc import Iterator
from typing import Any

from lakeward.contracts.diff.changes import Change, Data, Pair, match
from lakeward.contracts.diff.properties import matched_columns
from lakeward.contracts.document import Contract, Node
from lakeward.contracts.rules import Bound, Severity, bound_of

_DESCRIBES = frozenset(
    {
        "id", "name", "description", "businessImpact", "dimension", "tags", "method", "schedule", "scheduler",
        "authoritativeDefinitions", "customProperties", "severity", "arguments",
    }
)  # fmt: skip
_INFINITY = float("inf")


def quality(pair: Pair[Contract]) -> Iterator[Change]:
    """Compare the quality clauses of the tables and columns that both versions have."""
    for objects in match(pair.old.objects, pair.new.objects, lambda each: each.physical_name.casefold()):
        if objects.old and objects.new:
            yield from _clauses(pair.new, str(objects.new.raw.get("name")), Pair(objects.old, objects.new))
            for columns in matched_columns(objects.old, objects.new):
                if columns.old and columns.new:
                    yield from _clauses(pair.new, columns.new.label, Pair(columns.old, columns.new))


def _clauses(contract: Contract, label: str, nodes: Pair[Any]) -> Iterator[Change]:
    held = nodes.map(lambda each: each.children("quality"))
    for pair in match(held.old, held.new, _identity):
        name = _name(pair.new or pair.old)
        line = contract.line((pair.new or nodes.new).pointer)
        if pair.new is None:
            yield Change(what=f"{label}.{name}", why="The clause is gone.", line=line, data=Data.BREAKING)
        elif pair.old is None:
            yield Change(what=f"{label}.{name}", why="A new clause.", line=line, data=Data.COMPATIBLE)
        elif grade := _grade(Pair(pair.old, pair.new)):
            why = "Looser, or not comparable." if grade is Data.BREAKING else "Tighter."
            yield Change(what=f"{label}.{name}", why=why, line=line, data=grade)


def _name(node: Node | None) -> str:
    return (node.text("id") or node.text("metric") or node.text("type") or "quality") if node else "quality"


def _identity(node: Node) -> object:
    return (
        node.text("id") or node.text("name") or (node.text("metric") or node.text("type"), node.text("query"))
    )


def _grade(pair: Pair[Node]) -> Data:
    severity = pair.map(lambda each: Severity.of(each.raw.get("severity")))
    if severity.changed and severity.new is Severity.WARNING:
        return Data.BREAKING
    bound = pair.map(lambda each: bound_of(each.raw))
    if bound.changed and not (bound.old and bound.new and inside(bound.new, bound.old)):
        return Data.BREAKING
    if pair.map(_arguments).changed and not _fewer_values(pair.map(_arguments)):
        return Data.BREAKING
    if pair.map(_rest).changed:
        return Data.BREAKING
    changed = severity.changed or bound.changed or pair.map(_arguments).changed
    return Data.COMPATIBLE if changed else Data.NONE


def inside(new: Bound, old: Bound) -> bool:
    """Say whether whatever satisfies the new bound satisfies the old one; unsure is no."""
    if new.outside or old.outside:
        return new == old
    low = (_or(old.low, -_INFINITY), old.open_low), (_or(new.low, -_INFINITY), new.open_low)
    high = (_or(new.high, _INFINITY), not new.open_high), (_or(old.high, _INFINITY), not old.open_high)
    return low[0] <= low[1] and high[0] <= high[1]


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _arguments(node: Node) -> dict[str, Any]:
    held = node.raw.get("arguments")
    return held if isinstance(held, dict) else {}


def _fewer_values(held: Pair[dict[str, Any]]) -> bool:
    """Say whether only `validValues` changed, and to some of those that were valid."""
    others = held.map(lambda each: {key: value for key, value in each.items() if key != "validValues"})
    values = held.map(lambda each: _texts(each.get("validValues")))
    return not others.changed and bool(values.new) and (not values.old or values.new <= values.old)


def _texts(values: object) -> set[str]:
    return {repr(each) for each in values} if isinstance(values, list) else set()


def _rest(node: Node) -> dict[str, Any]:
    ignored = _DESCRIBES | {key for key in node.raw if key.startswith("must")}
    return {key: value for key, value in node.raw.items() if key not in ignored}
