"""One aggregate over the raw rows of a table, for a contract: numbers out, never a cell."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.engines.duckdb.scan import scan
from lakeward.gateway.errors import EngineUnavailableError
from lakeward.policies.admit.vocabulary import refuse_unlisted_words


def aggregate_text(table: PinnedTable, query: exp.Select) -> str:
    """Return the text of `query`, which calls the table `t`, over the pinned table.

    Raises:
        NotAdmittedError: The query holds something that no list allows.
        EngineUnavailableError: It reads another table.
    """
    refuse_unlisted_words(query)
    return _over(table, query).sql("duckdb", identify=True, comments=False)


def numbers(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, int | float | None]:
    """Return the one row of numbers by column.

    Raises:
        EngineUnavailableError: It is something else than one row of numbers.
    """
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
