"""Parsing what anybody may have sent, once it is known that it keeps no parser busy.

sqlglot takes far longer over some things than they are long. A literal behind INTERVAL is searched for a
number and a unit from each place on: two hundred thousand digits take minutes. A word of a type before
brackets, `date(…)` or `array[…]`, is read as a type first, with all in the brackets, and then again as what
it is: each one inside another takes twice the time, and forty of them years. And a name in quotes that stands
for a type is read as a text of its own. Of what stands before a subscript it works out the type, of
`x[1][1]…[1]` for each one anew.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from lakeward.policies.admit.errors import NotAdmittedError

_LONGEST_INTERVAL: Final = 1_000
_MOST_READ: Final = 300_000
"""Tokens, each counted as often as it is read: about a second's."""
_NODES_OF_A_TOKEN: Final = 4
"""What is read in one go has about one; more are made where something is read over and over."""
_NODES: Final = 10_000
_BEHIND_TYPE: Final = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET})
_OPENING: Final = frozenset({*_BEHIND_TYPE, TokenType.L_BRACE, TokenType.CASE})
_CLOSING: Final = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_APART: Final = frozenset({TokenType.COMMA, TokenType.AND, TokenType.OR})
"""What stands before one of these in the same brackets is no part of what is behind."""
_BRACKET: Final = re.compile(r"[(\[{<]")
_AGAIN = "brackets behind words of types or behind one another, too many of them"


def parse_bounded(text: str, dialect: str | type[Dialect]) -> list[exp.Expr | None]:
    """Parse a text as `sqlglot.parse` does.

    Raises:
        NotAdmittedError: It would take far longer than it is long.
        SqlglotError: It does not parse.
    """
    return _parse(text, dialect, None)


def parse_bounded_type(text: str, dialect: str | type[Dialect]) -> exp.Expr | None:
    """Parse a text that is a type, as `sqlglot.parse_one` does.

    Raises:
        NotAdmittedError: It would take far longer than it is long.
        SqlglotError: It does not parse.
    """
    return _parse(text, dialect, exp.DataType)[0]


def _parse(text: str, dialect: str | type[Dialect], into: type[exp.Expr] | None) -> list[exp.Expr | None]:
    reader = Dialect.get_or_raise(dialect)
    tokens = reader.tokenize(text)
    parser = reader.parser(max_nodes=_NODES + _NODES_OF_A_TOKEN * len(tokens))
    _refuse_long_intervals(tokens)
    if _times_read(tokens, reader, parser.TYPE_TOKENS) > _MOST_READ:
        raise NotAdmittedError(_AGAIN)
    return parser.parse_into(into, tokens, text) if into else parser.parse(tokens, text)


def _refuse_long_intervals(tokens: Sequence[Token]) -> None:
    for word, literal in pairwise(tokens):
        if len(literal.text) > _LONGEST_INTERVAL and word.text.casefold() == "interval":
            raise NotAdmittedError(f"an interval of more than {_LONGEST_INTERVAL} characters")


@dataclass(slots=True)
class _Brackets:
    """What is in brackets, or between CASE and END: how often it is read, and where its last part begins."""

    times: int
    begins: int
    is_case: bool = False


def _times_read(tokens: Sequence[Token], reader: Dialect, types: Collection[TokenType]) -> int:
    around, read = [_Brackets(times=1, begins=0)], 0
    before: TokenType | None = None
    for place, token in enumerate(tokens):
        kind, here = token.token_type, around[-1]
        read += here.times
        if kind in _OPENING:
            if kind is TokenType.L_BRACKET:
                read += here.times * (place - here.begins)
            times = 2 if before in types and kind in _BEHIND_TYPE else 1
            around.append(_Brackets(here.times * times, place, kind is TokenType.CASE))
        elif kind in _CLOSING or kind is TokenType.END:
            _close(around, is_case=kind is TokenType.END)
        elif kind in _APART:
            here.begins = place
        elif kind is TokenType.IDENTIFIER:
            read += here.times * _times_of_name(token.text, reader, types)
        before = kind
    return read


def _close(around: list[_Brackets], *, is_case: bool) -> None:
    """Leave the innermost brackets; `case` and `end` may be names, which no bracket heeds."""
    while not is_case and around[-1].is_case:
        around.pop()
    if len(around) > 1 and around[-1].is_case is is_case:
        around.pop()


def _times_of_name(name: str, reader: Dialect, types: Collection[TokenType]) -> int:
    """Count a name as a type whose every bracket doubles; its parser knows no bound of nodes."""
    brackets = len(_BRACKET.findall(name))
    if not brackets:
        return 0
    try:
        words = reader.tokenize(name)
    except TokenError:
        return 0
    return len(words) << brackets if words and words[0].token_type in types else 0
