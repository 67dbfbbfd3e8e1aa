"""One aggregate over the raw rows of a table, for a contract: numbers out, never a cell."""

import math
from decimal import Decimal
from typing import Any

import duckdb
from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.engines.duckdb.scan import scan
from lakeward.gateway.errors import EngineUnavailableError, ReadFailedError
from lakeward.policies.admit.vocabulary import refuse_unlisted_words


def run_aggregate(
    cursor: duckdb.DuckDBPyConnection, table: PinnedTable, query: exp.Select
) -> dict[str, int | float | None]:
    """Run `query`, which calls the table `t`, and return its one row of numbers by column.

    Raises:
        NotAdmittedError: The query holds something that no list allows.
        ReadFailedError: It failed; why is not said, since the engine would quote a cell.
        EngineUnavailableError: It gave something else than one row of numbers.
    """
    refuse_unlisted_words(query)
    text = _over(table, query).sql("duckdb", identify=True, comments=False)
    try:
        result = cursor.execute(text)
        names, rows = [each[0] for each in result.description or ()], result.fetchmany(2)
    except duckdb.Error:
        raise ReadFailedError("of a contract") from None
    if len(rows) != 1:
        raise EngineUnavailableError("an aggregate gave several rows")
    return {name: _number(value) for name, value in zip(names, rows[0], strict=True)}


def _over(table: PinnedTable, query: exp.Select) -> exp.Expr:
    """Put the pinned scan in the place of every `t`, and refuse any other table."""
    bound = query.copy()
    for node in list(bound.find_all(exp.Table)):
        if not isinstance(node.this, exp.Identifier) or node.name != "t" or node.db:
            raise EngineUnavailableError("an aggregate reads another table than its own")
        source = scan(table)
        source.set(
            "alias", node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("t", quoted=True))
        )
        node.replace(source)
    return bound


def _number(value: Any) -> int | float | None:  # noqa: ANN401 - whatever the engine gives
    match value:
        case None:
            return None
        case bool() | int():
            return int(value)
        case float() | Decimal():
            return float(value) if not math.isnan(value) else None
        case _:
            raise EngineUnavailableError("an aggregate gave something that is no number")
