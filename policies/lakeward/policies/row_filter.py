"""A row filter as text -> a tree, checked against the lists, not yet bound to a table."""

import re
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakeward.policies.admit.characters import refuse_odd_characters
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.admit.forget_places import forget_places
from lakeward.policies.admit.vocabulary import refuse_unlisted_words

_KEPT_TREES = 20_000
_NAME, _LITERAL = r"[A-Za-z_][A-Za-z0-9_]{0,100}", r"(?:[0-9]{1,15}|'[A-Za-z0-9 _-]{0,100}')"
_COMPARISON = rf"{_NAME} ?(?:=|<>|<=|>=|<|>) ?{_LITERAL}"
_PLAIN = re.compile(rf"{_COMPARISON}(?: AND {_COMPARISON}){{0,9}}\Z")
_COMPARED = re.compile(rf"(?<=[=<> ]){_LITERAL}(?= AND |\Z)")
_OWN = {"principal": 0, "attribute": 1}


class RowFilterFault(Exception):  # noqa: N818 - becomes a fault of a PolicyError
    """What is wrong with a row filter."""


def check_row_filter(text: str) -> None:
    """Check that a text is a row filter.

    Thousands of them differ in the number or word that a column is compared with, and only in that. Nothing
    hangs on which it is, so all of one shape are checked as one.

    Raises:
        RowFilterFault: It is none.
    """
    parse_row_filter(_COMPARED.sub(_blank, text) if _PLAIN.match(text) else text)


def _blank(literal: re.Match[str]) -> str:
    return "''" if literal[0][0] == "'" else "0"


def is_plain(text: str) -> bool:
    """Whether a row filter only compares columns with literals, and so reads no table."""
    return _PLAIN.match(text) is not None


@lru_cache(maxsize=_KEPT_TREES)
def parse_row_filter(text: str) -> exp.Expr:
    """Parse one condition in DuckDB's SQL.

    Tables in it are written `namespace.table`; `principal()` is who asks, `attribute('x')` what is known of
    them. The tree is one for all who ask: it is copied, not changed.

    Raises:
        RowFilterFault: It is not one condition, or holds something that no list allows.
    """
    try:
        refuse_odd_characters(text)
        trees = sqlglot.parse(f"SELECT 1 WHERE {text}", dialect="duckdb")
    except NotAdmittedError as refusal:
        raise _refused(refusal) from None
    except (SqlglotError, RecursionError) as error:
        raise RowFilterFault(_where(error, len("SELECT 1 WHERE "))) from None
    select = trees[0]
    if (
        len(trees) != 1
        or not isinstance(select, exp.Select)
        or set(_used(select)) != {"expressions", "where"}
    ):
        raise RowFilterFault("`rows` is not one condition")
    forget_places(select)
    condition: exp.Expr = select.args["where"].this
    _check_calls(condition)
    _check_relations(condition)
    return condition


def _used(select: exp.Select) -> list[str]:
    return [key for key, value in select.args.items() if value]


def _where(error: Exception, before: int) -> str:
    places = getattr(error, "errors", None)
    column = places[0].get("col") if places else None
    return "`rows` does not parse" + (f" at its character {max(1, column - before)}" if column else "")


def _check_calls(condition: exp.Expr) -> None:
    """Check our own two calls, and everything else against the lists that queries are checked against."""
    rest = condition.copy()
    for call in list(rest.find_all(exp.Anonymous)):
        name = str(call.this).lower()
        if name not in _OWN:
            continue
        arguments = call.expressions
        if len(arguments) != _OWN[name] or not all(
            isinstance(each, exp.Literal) and each.is_string for each in arguments
        ):
            raise RowFilterFault(f"`{name}` is written `principal()` or `attribute('name')`")
        if call is rest:
            return
        call.replace(exp.null())
    try:
        refuse_unlisted_words(rest)
    except NotAdmittedError as refusal:
        raise _refused(refusal) from None


def _refused(refusal: NotAdmittedError) -> RowFilterFault:
    return RowFilterFault(f"`rows` holds {refusal.construct}, which is not allowed here")


def _check_relations(condition: exp.Expr) -> None:
    """Refuse what cannot be bound later, when it would show nothing without a word."""
    for table in condition.find_all(exp.Table):
        if not table.db:
            raise RowFilterFault(f"the table `{table.name}` needs its namespace: `namespace.{table.name}`")
    if condition.find(exp.With):
        raise RowFilterFault("`rows` holds WITH: write the subquery where it is used")
    for join in condition.find_all(exp.Join):
        if join.args.get("using") or join.args.get("method"):
            raise RowFilterFault("`rows` joins by USING or NATURAL: write ON, with the columns' tables")
