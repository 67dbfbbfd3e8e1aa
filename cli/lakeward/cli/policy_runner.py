"""The gateway as `policy test` needs it: a statement in, an outcome out."""

from lakeward.catalog.errors import DeniedError
from lakeward.gateway.service import Gateway
from lakeward.policies.policy_test import Outcome


class GatewayRunner:
    """Runs the cases of policy tests the way every statement runs, records and all."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def run(self, principal: str, purpose: str, query: str) -> Outcome:
        """Run one statement as a principal."""
        try:
            session = self._gateway.session(principal, purpose)
            table = self._gateway.execute(session, query).table()
        except DeniedError:
            return Outcome(denied=True)
        columns = [
            [None if cell is None else str(cell) for cell in each.to_pylist()] for each in table.columns
        ]
        rows = tuple(zip(*columns, strict=True)) if columns else ()
        return Outcome(columns=tuple(table.column_names), rows=rows)
