"""From text to one tree."""

import logging
import re

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import TokenType

from lakeward.policies.admit.bounded_parse import parse_bounded
from lakeward.policies.admit.dialects import READ_AS
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.numbers import with_plain_numbers

DIALECTS = tuple(READ_AS)

_PIVOT = re.compile(r"\s*(PIVOT|UNPIVOT)", re.IGNORECASE)
_TAIL = frozenset({TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET})
_DEPTHS = {
    TokenType.L_PAREN: 1, TokenType.R_PAREN: -1, TokenType.L_BRACKET: 1, TokenType.R_BRACKET: -1,
    TokenType.L_BRACE: 1, TokenType.R_BRACE: -1,
}  # fmt: skip

_ROOTS = (exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.Pivot, exp.Values)


def parse_one_statement(text: str, dialect: str, *, as_written: bool = True) -> exp.Query:
    """Parse `text` and return the one query in it, always rooted in a node that is a query.

    A statement that is a PIVOT, an UNPIVOT or VALUES alone becomes `SELECT * FROM (…)`, which means the same.

    Args:
        text: SQL.
        dialect: How it is written.
        as_written: Whether templates of dates stay as they are, for `translate`; else they are sqlglot's.

    Raises:
        NotAdmittedError: It does not parse, is several statements, or is no query.
    """
    if dialect not in DIALECTS:
        raise NotAdmittedError("a dialect other than " + ", ".join(DIALECTS))
    read_as = READ_AS[dialect] if as_written else dialect
    statements = [each for each in _parse(text, dialect, read_as) if each is not None]
    if len(statements) != 1:
        raise NotAdmittedError("not exactly one statement")
    root = statements[0]
    if type(root) not in _ROOTS:
        raise NotAdmittedError("a statement that is no query")
    if isinstance(root, exp.Pivot | exp.Values):
        return _selected(root)
    assert isinstance(root, exp.Query)  # noqa: S101 - for the type checker: the other roots are queries
    return root


def _selected(root: exp.Expr) -> exp.Query:
    """Wrap a query that is no SELECT into one; its CTEs go to the outer one, where all of it sees them."""
    with_ = root.args.pop("with_", None)
    select = exp.select("*").from_(root if isinstance(root, exp.Values) else exp.Subquery(this=root))
    select.set("with_", with_)
    return select


def _parse(text: str, dialect: str, read_as: str | type[Dialect]) -> list[exp.Expr | None]:
    logger = logging.getLogger("sqlglot")
    disabled, logger.disabled = logger.disabled, True  # its warnings quote the statement
    try:
        plain = with_plain_numbers(text, dialect, read_as)
        return parse_bounded(_without_tail(plain, read_as), read_as)
    except NotAdmittedError:
        raise
    except Exception as error:  # noqa: BLE001 - a hostile text may break a parser in any way
        raise NotAdmittedError(_fault(error)) from None
    finally:
        logger.disabled = disabled


def has_tail(text: str) -> bool:
    """Whether words of a text may have moved before it was read."""
    return _PIVOT.match(text) is not None


def _without_tail(text: str, dialect: str | type[Dialect]) -> str:
    """Return `PIVOT … ORDER BY …` as `SELECT * FROM (PIVOT …) ORDER BY …`, which sqlglot can read."""
    if dialect != "duckdb" or not _PIVOT.match(text):
        return text
    depth, tokens = 0, sqlglot.tokenize(text, dialect=dialect)
    for token in tokens:
        depth += _DEPTHS.get(token.token_type, 0)
        if depth == 0 and token.token_type in _TAIL:
            head, tail = text[: token.start], text[token.start :]
            return f"SELECT * FROM ({head}) {tail}"  # noqa: S608 - read, never run
    return text


def _fault(error: Exception) -> str:
    """Say where a text does not parse, without a word of it."""
    places = getattr(error, "errors", None)
    if places and places[0].get("line") is not None:
        return f"a syntax error at line {places[0]['line']}, column {places[0]['col']}"
    return "a syntax error"
