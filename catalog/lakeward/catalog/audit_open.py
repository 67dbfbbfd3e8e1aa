"""Statements of which the audit chain holds no end."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row

BEGUN, FINISHED = "query", "query.finished"


class OpenStatements:
    """Pairs the records of statements with those of their ends, as rows of the chain come by in order.

    A statement without an end runs now, or whoever served it died: its reader may have had any of its rows.
    """

    def __init__(self) -> None:
        self._open: dict[str, Row[Any]] = {}

    def see(self, row: Row[Any]) -> None:
        """Take one row of the chain."""
        if row.kind == BEGUN:
            self._open[_statement(row)] = row
        elif row.kind == FINISHED:
            self._open.pop(_statement(row), None)

    def __iter__(self) -> Iterator[Row[Any]]:
        """Give the rows of statements that are open, in order."""
        return iter(self._open.values())


def _statement(row: Row[Any]) -> str:
    """Name the statement of a row; one that was tampered with stands for itself."""
    try:
        return str(json.loads(row.document)["details"]["statement_id"])
    except (ValueError, KeyError, TypeError):
        return f"record {row.seq}"
