"""Service levels that a table can be asked about: retention (nothing older) and freshness (something as new).

Both are counts against one moment, the moment of the check; no date leaves the engine.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.contracts.document import Node
from lakeward.contracts.literals import instant, literal
from lakeward.contracts.predicates import rows_where
from lakeward.contracts.rules import Bound, Rule, Status
from lakeward.contracts.scope import Scope, Target, is_primitive

_DAYS: Mapping[str, float] = {
    "y": 365.25, "yr": 365.25, "year": 365.25, "mo": 30.4375, "month": 30.4375, "w": 7, "week": 7,
    "d": 1, "day": 1, "h": 1 / 24, "hr": 1 / 24, "hour": 1 / 24, "min": 1 / 1440, "minute": 1 / 1440,
    "s": 1 / 86400, "sec": 1 / 86400, "second": 1 / 86400,
}  # fmt: skip
_FRESH = frozenset({"latency", "freshness"})
SOMETHING = Bound(low=0, open_low=True)


def duration(level: Node) -> timedelta | None:
    """Read a level's value and unit; `m` is months for a retention, else minutes. None when unreadable."""
    value, unit = level.raw.get("value"), (level.text("unit") or "").lower()
    if unit == "m":
        unit = "month" if level.text("property") == "retention" else "minute"
    days = _DAYS.get(unit) or _DAYS.get(unit.removesuffix("s"))
    if days is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return timedelta(days=value * days)
    except (OverflowError, ValueError):
        return None


def service_levels(scope: Scope) -> Iterator[Rule]:
    """Make the rules of the service levels that speak of this table."""
    for index, level in enumerate(scope.contract.root.children("slaProperties")):
        kind = level.text("property") or "level"
        rule = Rule(id=f"sla.{level.text('id') or f'{kind}.{index}'}", kind=kind, pointer=level.pointer)
        yield _rule(scope, level, rule)


def _rule(scope: Scope, level: Node, rule: Rule) -> Rule:
    if rule.kind not in {"retention", *_FRESH}:
        return rule.settle(Status.NOT_ENFORCED, "Not a level that can be read off a table.")
    target = _element(scope, level)
    if target is None:
        return rule.settle(
            Status.NOT_ENFORCED, "No `element` names a date or timestamp column of this table."
        )
    length = duration(level)
    if length is None:
        return rule.settle(Status.ERROR, "The level's value and unit are no length of time.")
    cutoff = _moment(target, scope.now, length)
    if cutoff is None:
        return rule.settle(Status.ERROR, "The level reaches back further than a date can.")
    if rule.kind == "retention":
        return rule.counted(rows_where(exp.LT(this=target.value, expression=cutoff)))
    return rule.counted(rows_where(exp.GTE(this=target.value, expression=cutoff)), SOMETHING)


def _element(scope: Scope, level: Node) -> Target | None:
    element = level.text("element") or scope.contract.root.text("slaDefaultElement") or ""
    table, _, name = element.rpartition(".")
    if table and table not in {scope.object.raw.get("name"), scope.object.physical_name}:
        return None
    for target in scope.targets():
        if target.prop.raw["name"] == name and is_primitive(target.type, "date", "timestamp", "timestamptz"):
            return target
    return None


def _moment(target: Target, now: datetime, length: timedelta) -> exp.Expr | None:
    try:
        moment = now - length
    except OverflowError:
        return None
    if is_primitive(target.type, "date"):
        return literal(moment.date().isoformat(), PrimitiveType("date"))
    return instant(moment, zoned=is_primitive(target.type, "timestamptz"))
