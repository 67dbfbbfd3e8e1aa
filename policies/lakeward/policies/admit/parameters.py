"""Parameters of a statement: typed values that are put into the tree, never into the text.

A parameter is `?`, counted from the left, or `$1`, which may stand in several places. What is put in bears a
mark, so that a log of the statement shows where a parameter stood and nothing of its value.
"""

from collections.abc import Sequence
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from lakeward.policies.admit.errors import NamedParameterError, ParameterCountError
from lakeward.policies.replace_all import replace_all

MARK: Final = "lakeward_parameter"
"""The key in a node's `meta` that says: this stands in the place of a parameter."""

_MOST_PARAMETERS = 65_535
_PLACES = (exp.Placeholder, exp.Parameter)


def number_parameters(text: str, dialect: str) -> str:
    """Write each `?` as `$1`, `$2` and so on: a tree does not keep the order of the text.

    Raises:
        NamedParameterError: The text holds numbered parameters too.
    """
    if "?" not in text:
        return text
    try:
        tokens = sqlglot.tokenize(text, dialect=dialect)
    except SqlglotError:
        return text  # it will not parse either, and that has an error of its own
    pairs = zip([None, *tokens], tokens, strict=False)
    starts = [each.start for before, each in pairs if _is_place(before, each, dialect)]
    if starts and any(each.token_type is TokenType.PARAMETER for each in tokens):
        raise NamedParameterError
    sign = "@" if dialect == "trino" else "$"
    for number, start in reversed(list(enumerate(starts, 1))):
        text = f"{text[:start]}{sign}{number}{text[start + 1 :]}"
    return text


_OPERANDS = frozenset(
    {
        TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING, TokenType.R_PAREN, TokenType.R_BRACKET,
        TokenType.JSON, TokenType.JSONB,
    }
)  # fmt: skip


def _is_place(before: Token | None, token: Token, dialect: str) -> bool:
    """Whether a token is a parameter; PostgreSQL's `?` after an operand is an operator of JSON."""
    if token.token_type is not TokenType.PLACEHOLDER or token.text != "?":
        return False
    return dialect != "postgres" or before is None or before.token_type not in _OPERANDS


def parameters_of(tree: exp.Expr) -> list[tuple[exp.Expr, int]]:
    """Find each place of a parameter, with the parameter's index from 0, in no particular order.

    Raises:
        NamedParameterError: One has a name instead of a number.
    """
    return [(each, _index(each.name)) for each in tree.find_all(*_PLACES)]


def count_parameters(tree: exp.Expr) -> int:
    """Return how many values a tree needs.

    Raises:
        NamedParameterError: A parameter has a name instead of a number.
    """
    return max((index + 1 for _, index in parameters_of(tree)), default=0)


def bind_parameters(tree: exp.Query, values: Sequence[exp.Expr]) -> None:
    """Put typed values into the places of a tree; in LIMIT and OFFSET a number stands bare.

    Raises:
        ParameterCountError: There are more or fewer values than parameters.
        NamedParameterError: A parameter has a name instead of a number.
    """
    places = parameters_of(tree)
    needed = max((index + 1 for _, index in places), default=0)
    if needed != len(values):
        raise ParameterCountError(len(values), needed)
    if places:
        _name_projections(tree)
        replace_all((place, _bound(place, index, values)) for place, index in parameters_of(tree))


def _bound(place: exp.Expr, index: int, values: Sequence[exp.Expr]) -> exp.Expr:
    value = _bare(values[index]) if isinstance(place.parent, exp.Limit | exp.Offset) else values[index]
    bound = value.copy()
    bound.meta[MARK] = index + 1
    return bound


def is_bound(node: exp.Expr) -> bool:
    """Whether a node stands in the place of a parameter."""
    return MARK in node.meta


def _index(label: str) -> int:
    if not (label.isascii() and label.isdigit() and 0 < int(label[:9]) <= _MOST_PARAMETERS):
        raise NamedParameterError
    return int(label) - 1


def _name_projections(tree: exp.Query) -> None:
    """Name the columns that hold a parameter by where it stands: their spelling would name its value."""
    for select in list(tree.find_all(exp.Select)):
        for projection in list(select.expressions):
            if not isinstance(projection, exp.Alias | exp.Aliases) and projection.find(*_PLACES):
                name = projection.sql("duckdb", comments=False)
                select.set(
                    "expressions",
                    [
                        exp.alias_(each, name, quoted=True, copy=False) if each is projection else each
                        for each in select.expressions
                    ],
                )


def _bare(value: exp.Expr) -> exp.Expr:
    inner = value.this if isinstance(value, exp.Cast) else value
    return inner if isinstance(inner, exp.Literal) and not inner.is_string else value
