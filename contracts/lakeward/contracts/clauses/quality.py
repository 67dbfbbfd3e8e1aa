"""The quality clauses: ODCS's own metrics, SQL of the contract, and what lakeward does not run.

`invalidValues` speaks of values that are there: a NULL is missing, not invalid. `duplicateValues` counts
the rows that repeat an earlier row's value. A percentage is of all rows; of no rows it is 0.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from lakeward.catalog.types import PrimitiveType
from lakeward.contracts.clauses.options import is_one_of, matches
from lakeward.contracts.clauses.sql import NO_BOUND, sql_rule
from lakeward.contracts.document import Node
from lakeward.contracts.predicates import (
    duplicates,
    is_not_null,
    is_null,
    nulls,
    rows,
    rows_where,
    violations,
)
from lakeward.contracts.rules import Rule, Severity, Status, Unit, bound_of
from lakeward.contracts.scope import Scope, Target

_OTHER = {
    "text": "A text for people.",
    "custom": "Written for another engine.",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One quality clause, of the table (`target` is None) or of a column."""

    scope: Scope
    node: Node
    target: Target | None

    @property
    def arguments(self) -> Mapping[str, object]:
        """The metric's arguments."""
        held = self.node.raw.get("arguments")
        return held if isinstance(held, dict) else {}


def quality(scope: Scope) -> Iterator[Rule]:
    """Make the rules of the quality clauses, the table's first."""
    for node in scope.object.children("quality"):
        yield _rule(Check(scope, node, None))
    for target in scope.targets():
        for node in target.prop.children("quality"):
            yield _rule(Check(scope, node, target))


def _rule(check: Check) -> Rule:
    kind = _kind(check.node)
    name = check.node.text("id") or kind
    about = check.target.prop.label if check.target else check.scope.object.raw.get("name", "table")
    rule = Rule(
        id=f"{about}.{name}", kind=kind, column=check.target.prop.label if check.target else None,
        pointer=check.node.pointer, severity=Severity.of(check.node.raw.get("severity")),
    )  # fmt: skip
    if kind in _OTHER:
        return rule.settle(Status.NOT_ENFORCED, _OTHER[kind])
    if check.target is not None and check.target.field is None:
        return rule.settle(Status.NOT_ENFORCED, "The table has no such column.")
    return sql_rule(check.scope, check.target, check.node, rule) if kind == "sql" else _library(check, rule)


def _kind(node: Node) -> str:
    kind = node.text("type") or "library"
    return (node.text("metric") or node.text("rule") or "library") if kind == "library" else kind


def _library(check: Check, rule: Rule) -> Rule:
    make = _METRICS.get(rule.kind)
    if make is None:
        return rule.settle(Status.NOT_ENFORCED, "A metric that the standard does not define.")
    bound, unit = bound_of(check.node.raw), _unit(check.node)
    if bound is None:
        return rule.settle(Status.ERROR, NO_BOUND)
    if unit is None:
        return rule.settle(Status.ERROR, "The unit is neither rows nor percent.")
    measure = make(check)
    if isinstance(measure, str):
        return rule.settle(Status.ERROR, measure)
    return rule.counted(measure, bound, unit)


def _unit(node: Node) -> Unit | None:
    return {"rows": Unit.ROWS, "percent": Unit.PERCENT, "%": Unit.PERCENT}.get(node.text("unit") or "rows")


def _row_count(_check: Check) -> exp.Expr | str:
    return rows()


def _null_values(check: Check) -> exp.Expr | str:
    return nulls(check.target.value) if check.target else "This metric is about a column."


def _missing_values(check: Check) -> exp.Expr | str:
    target = check.target
    if target is None:
        return "This metric is about a column."
    listed = check.arguments.get("missingValues", [None])
    if not isinstance(listed, list):
        return "`missingValues` must be a list."
    named = exp.and_(is_not_null(target.value), is_one_of(target, listed), copy=False)
    return rows_where(exp.or_(is_null(target.value), named, copy=False) if None in listed else named)


def _invalid_values(check: Check) -> exp.Expr | str:
    target, parts = check.target, list[exp.Expr]()
    if target is None or not isinstance(target.type, PrimitiveType):
        return "This metric is about a column of a plain type."
    listed, pattern = check.arguments.get("validValues"), check.arguments.get("pattern")
    if isinstance(listed, list):
        parts.append(is_one_of(target, listed))
    if isinstance(pattern, str) and target.type.name == "string":
        parts.append(matches(target.value, pattern))
    known = {"validValues": list, "pattern": str}
    if not parts or any(not isinstance(v, known.get(k, ())) for k, v in check.arguments.items()):
        return "The arguments must be `validValues` (a list) or `pattern` (a text, for a text column)."
    return violations(target.value, exp.and_(*parts, copy=False))


def _duplicate_values(check: Check) -> exp.Expr | str:
    targets = [check.target] if check.target else _named(check)
    if not targets or any(not isinstance(each.type, PrimitiveType) for each in targets):
        return "Name the columns that must not repeat, of plain types, in `arguments: {properties: [...]}`."
    return duplicates([each.value for each in targets])


def _named(check: Check) -> list[Target]:
    """Give the columns that `properties` names; none at all when one of them is no column."""
    named = check.arguments.get("properties")
    by_name = {each.prop.raw["name"]: each for each in check.scope.targets()}
    found = [by_name.get(str(name)) for name in named] if isinstance(named, list) else []
    return [each for each in found if each] if None not in found else []


_METRICS: Mapping[str, Callable[[Check], exp.Expr | str]] = {
    "rowCount": _row_count,
    "nullValues": _null_values,
    "missingValues": _missing_values,
    "invalidValues": _invalid_values,
    "duplicateValues": _duplicate_values,
}
