"""What an engine is to the gateway; every one passes the same suite."""

from typing import Any, Protocol

import pyarrow as pa

from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.answer import Answer
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.engines.apart import Apart
from lakeward.gateway.engines.duckdb.prepare import Prepared
from lakeward.gateway.plan import Plan
from lakeward.gateway.running import Running
from lakeward.gateway.session import Session
from lakeward.gateway.statement import GovernedStatement


class Engine(Protocol):
    """Runs what policies wrote, and lets no word of its own out. Safe to use from several threads."""

    def bind(self, text: str) -> str:
        """Return the plan, as JSON, that the engine binds for a text that reads nothing, not optimised."""
        ...

    def prepare(self, session: Session, statement: GovernedStatement, plan: Plan) -> Prepared:
        """Turn a plan into text that the engine's own parser has confirmed.

        Raises:
            DisagreementError: The parser sees something else than lakeward does.
        """
        ...

    def run(self, running: Running, prepared: Prepared) -> Answer:
        """Run a prepared statement and stream its rows.

        Raises:
            LakewardError: In words of ours, whatever the engine said.
        """
        ...

    def is_repeatable(self, prepared: Prepared) -> bool:
        """Whether a statement gives the same whenever it runs over the same tables."""
        ...

    def describe(self, session: Session, prepared: Prepared, ending: Cancellation) -> pa.Schema:
        """Return the columns of a staged statement; it meets no row, and nothing but an empty bench.

        Raises:
            LakewardError: It cannot run, or was ended, in words of ours.
        """
        ...

    def aggregate(self, table: PinnedTable, query: Any) -> dict[str, int | float | None]:  # noqa: ANN401
        """Run one aggregate over the raw rows of a pinned table; see `Gateway.aggregate`.

        Raises:
            LakewardError: In words of ours, whatever the engine said.
        """
        ...

    def run_apart(self, query: Apart, ending: Cancellation) -> pa.Table:
        """Run a query over rows of ours, on a bench of its own.

        Raises:
            LakewardError: It went over a limit, or was ended.
            duckdb.Error: The caller turns it into words of ours.
        """
        ...

    def close(self) -> None:
        """End what runs and let go of everything."""
        ...
