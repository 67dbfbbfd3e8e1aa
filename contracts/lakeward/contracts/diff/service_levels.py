"""Service levels. Retention has two sides: kept longer is less private, kept shorter is less data."""

from collections.abc import Iterator
from datetime import timedelta

from lakeward.contracts.clauses.service_levels import duration
from lakeward.contracts.diff.changes import Change, Data, Pair, Privacy, match
from lakeward.contracts.document import Contract, Node

_SHORTER_IS_BETTER = frozenset(
    {"latency", "freshness", "frequency", "responseTime", "timeToDetect", "timeToRepair"}
)


def service_levels(pair: Pair[Contract]) -> Iterator[Change]:
    """Compare the service levels of two contracts."""
    held = pair.map(lambda each: each.root.children("slaProperties"))
    for levels in match(held.old, held.new, lambda node: (node.text("property"), node.text("element"))):
        node: Node = levels.new or levels.old or pair.new.root
        kind = node.text("property") or "level"
        line = pair.new.line(levels.new.pointer if levels.new else ("slaProperties",))
        data, privacy, why = _grade(kind, levels)
        if data or privacy:
            yield Change(what=f"sla.{kind}", why=why, line=line, data=data, privacy=privacy)


def _grade(kind: str, levels: Pair[Node | None]) -> tuple[Data, Privacy, str]:
    length = levels.map(lambda node: duration(node) if node else None)
    same = levels.map(
        lambda node: node and (node.raw.get("value"), node.text("unit"), node.raw.get("valueExt"))
    )
    if not same.changed or (length.old is not None and length.old == length.new):
        return Data.NONE, Privacy.NONE, ""
    if kind == "retention":
        return _retention(length, is_new=levels.old is None)
    if levels.old is None:
        return Data.COMPATIBLE, Privacy.NONE, "A new level."
    if kind in _SHORTER_IS_BETTER and None not in {length.old, length.new} and length.new < length.old:
        return Data.COMPATIBLE, Privacy.NONE, "Better than before."
    return Data.BREAKING, Privacy.NONE, "Gone, worse than before, or not comparable."


def _retention(length: Pair[timedelta | None], *, is_new: bool) -> tuple[Data, Privacy, str]:
    if length.new is not None and (is_new or (length.old is not None and length.new < length.old)):
        return Data.BREAKING, Privacy.TIGHTENING, "Kept shorter: less data is there."
    return Data.NONE, Privacy.BREAKING, "Kept longer, or without an end that can be read."
