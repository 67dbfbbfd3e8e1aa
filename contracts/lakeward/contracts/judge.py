"""Judge a metrics row: by our own comparison always, by Great Expectations unless told not to.

Great Expectations sees one row of numbers, so it can show no cell. The two must agree; where they do not,
the rule is an error, because one of them is wrong and a rule in doubt is never a pass.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from lakeward.contracts.compile import ROWS, CompiledContract
from lakeward.contracts.report import ContractReport, RuleResult
from lakeward.contracts.rules import Bound, Rule, Status, Unit

Counts = Mapping[str, int | float | None]


def judge(compiled: CompiledContract, counts: Counts, *, great_expectations: bool = True) -> ContractReport:
    """Judge the metrics row of a compiled contract.

    Args:
        compiled: The contract, bound to its table.
        counts: The metrics row. A count that is missing, NULL or no finite number makes its rule an error.
        great_expectations: False spares the seconds of its import; the verdicts are the same.
    """
    values = {rule.id: _value(rule, counts) for rule in compiled.counted}
    known = {
        rule.id: (value, rule.bound) for rule in compiled.counted if (value := values[rule.id]) is not None
    }
    verdicts = {id_: bound.holds(value) for id_, (value, bound) in known.items()}
    if great_expectations and known:
        verdicts = _agreed(known, verdicts)
    results = tuple(
        _result(rule, values.get(rule.id), verdicts.get(rule.id), _is_small(compiled, rule, counts))
        for rule in compiled.rules
    )
    contract, table = compiled.contract, compiled.table
    return ContractReport(
        contract_id=contract.id, contract_version=contract.version, path=contract.path, table=str(table.name),
        snapshot_id=table.snapshot_id, rules=results,
    )  # fmt: skip


def _agreed(values: Mapping[str, tuple[float, Bound]], own: Mapping[str, bool]) -> dict[str, bool]:
    from lakeward.contracts.expectations import expect  # noqa: PLC0415 - it imports Great Expectations

    theirs = expect(values)
    return {id_: verdict for id_, verdict in own.items() if theirs.get(id_) is verdict}


def _value(rule: Rule, counts: Counts) -> float | None:
    count, all_rows = counts.get(rule.alias), counts.get(ROWS)
    if count is None or isinstance(count, bool) or not math.isfinite(count):
        return None
    if rule.unit is Unit.ROWS:
        return count
    if all_rows is None:
        return None
    return 100 * count / all_rows if all_rows else 0.0


def _result(rule: Rule, value: float | None, verdict: bool | None, is_small: bool) -> RuleResult:  # noqa: FBT001 - private
    if rule.measure is None:
        return RuleResult.of(rule, rule.settled)
    if verdict is None:
        reason = "The rule could not be counted." if value is None else "The two judges do not agree."
        return RuleResult.of(rule, Status.ERROR, reason)
    result = RuleResult.of(rule, Status.PASSED if verdict else Status.FAILED)
    return replace(result, count=None if is_small else value, withheld=is_small)


def _is_small(compiled: CompiledContract, rule: Rule, counts: Counts) -> bool:
    """Say whether so few rows are counted that the number may point at somebody."""
    minimum, count = compiled.contract.minimum_group, counts.get(rule.alias)
    return minimum is not None and count is not None and 0 < count < minimum
