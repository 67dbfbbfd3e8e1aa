"""From text to one tree."""

import logging

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakeward.policies.admit.errors import NotAdmittedError

DIALECTS = ("duckdb", "postgres", "spark", "trino")

_ROOTS = (exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.Pivot, exp.Values)


def parse_one_statement(text: str, dialect: str) -> exp.Query:
    """Parse `text` and return the one query in it, always rooted in a node that is a query.

    A statement that is a PIVOT, an UNPIVOT or VALUES alone becomes `SELECT * FROM (…)`, which means the same.

    Raises:
        NotAdmittedError: It does not parse, is several statements, or is no query.
    """
    if dialect not in DIALECTS:
        raise NotAdmittedError("a dialect other than " + ", ".join(DIALECTS))
    statements = [each for each in _parse(text, dialect) if each is not None]
    if len(statements) != 1:
        raise NotAdmittedError("not exactly one statement")
    root = statements[0]
    if type(root) not in _ROOTS:
        raise NotAdmittedError("a statement that is no query")
    if isinstance(root, exp.Pivot | exp.Values):
        return exp.select("*").from_(exp.Subquery(this=root))
    assert isinstance(root, exp.Query)  # noqa: S101 - for the type checker: the other roots are queries
    return root


def _parse(text: str, dialect: str) -> list[exp.Expr | None]:
    logger = logging.getLogger("sqlglot")
    disabled, logger.disabled = logger.disabled, True  # its warnings quote the statement
    try:
        return list(sqlglot.parse(text, dialect=dialect))
    except (SqlglotError, RecursionError, ValueError) as error:
        raise NotAdmittedError(_fault(error)) from None
    finally:
        logger.disabled = disabled


def _fault(error: Exception) -> str:
    """Say where a text does not parse, without a word of it."""
    places = getattr(error, "errors", None)
    if places and places[0].get("line") is not None:
        return f"a syntax error at line {places[0]['line']}, column {places[0]['col']}"
    return "a syntax error"
