"""The gateway as `policy test` needs it: a statement in, an outcome out."""

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.metadata_name import MetadataName
from lakeward.catalog.tables import list_tables
from lakeward.gateway.service import Gateway
from lakeward.policies.admit import admit
from lakeward.policies.policy_test import Outcome
from lakeward.policies.rewrite.resolve import resolve_tables


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
            return Outcome(denied=True, mistake=self._mistake(query))
        columns = [
            [None if cell is None else str(cell) for cell in each.to_pylist()] for each in table.columns
        ]
        rows = tuple(zip(*columns, strict=True)) if columns else ()
        return Outcome(columns=tuple(table.column_names), rows=rows)

    def _mistake(self, query: str) -> str:
        """Say what would deny a statement to everybody, so that a case of it proves nothing of policies."""
        try:
            tree = admit(query)
            named = {each.name for each in resolve_tables(tree, self._gateway.names)}
        except DeniedError as refusal:
            return "the statement cannot be read" if "a syntax error" in refusal.message else ""
        there = {str(each.name) for each in list_tables(self._gateway.lake)}
        bases = {str(each.base if isinstance(each, MetadataName) else each) for each in named}
        missing = sorted(bases - there)
        return f"the lake has no table {', '.join(missing)}" if missing else ""
