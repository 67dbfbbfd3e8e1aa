"""A row filter as text -> a tree, checked against the lists, not yet bound to a table."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lakeward.catalog.errors import DeniedError
from lakeward.policies.admit.characters import refuse_odd_characters
from lakeward.policies.admit.vocabulary import refuse_unlisted_words

_OWN = {"principal": 0, "attribute": 1}


class RowFilterFault(Exception):  # noqa: N818 - becomes a fault of a PolicyError
    """What is wrong with a row filter."""


def parse_row_filter(text: str) -> exp.Expr:
    """Parse one condition in DuckDB's SQL.

    Tables in it are written `namespace.table`; `principal()` is who asks, `attribute('x')` what is known of
    them.

    Raises:
        RowFilterFault: It is not one condition, or holds something that no list allows.
    """
    try:
        refuse_odd_characters(text)
        trees = sqlglot.parse(f"SELECT 1 WHERE {text}", dialect="duckdb")
    except DeniedError as refusal:
        raise RowFilterFault(_in_our_words(refusal)) from None
    except (SqlglotError, RecursionError) as error:
        raise RowFilterFault(_where(error, len("SELECT 1 WHERE "))) from None
    select = trees[0]
    if (
        len(trees) != 1
        or not isinstance(select, exp.Select)
        or set(_used(select)) != {"expressions", "where"}
    ):
        raise RowFilterFault("`rows` is not one condition")
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
    except DeniedError as refusal:
        raise RowFilterFault(_in_our_words(refusal)) from None


def _in_our_words(refusal: DeniedError) -> str:
    return refusal.message.replace("The statement is refused: it", "`rows`")


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
