"""What a run's lineage says of a checked dataset, in OpenLineage's words and without its library.

`dataQualityAssertions` holds what was judged; a clause that was not enforced is no assertion.
"""

from typing import Any

from lakeward.contracts.report import ContractReport, RuleResult
from lakeward.contracts.rules import Status


def assertions(report: ContractReport) -> dict[str, Any]:
    """Give what the facets `dataQualityAssertions` and `lakeward_contract` of the checked dataset hold."""
    facts = [_assertion(rule) for rule in report.rules if rule.status is not Status.NOT_ENFORCED]
    contract = {
        "id": report.contract_id, "version": report.contract_version, "success": report.success,
        "totals": dict(report.totals), "coverage": dict(report.coverage),
    }  # fmt: skip
    return {"dataQualityAssertions": {"assertions": facts}, "lakeward_contract": contract}


def _assertion(rule: RuleResult) -> dict[str, Any]:
    about = {} if rule.column is None else {"column": rule.column}
    success = rule.status is Status.PASSED
    return {"assertion": rule.id, "success": success, "severity": str(rule.severity), **about}
