"""Numbers that sqlglot would read as something else: `1_000` as 1 called `_000`, `0x1F` as bytes.

PostgreSQL and Trino write whole numbers so too. They are put into plain digits, of the same length with
blanks behind, so that every place in the text stays; what is none of their numbers is refused.
"""

import re

import sqlglot
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from lakeward.policies.admit.errors import NotAdmittedError

_DOUBTFUL = re.compile(r"\d[A-Za-z_]")
_NUMBER = re.compile(
    r"0[xX](?P<hex>[0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*)|0[oO](?P<octal>[0-7]+(?:_[0-7]+)*)"
    r"|0[bB](?P<binary>[01]+(?:_[01]+)*)"
    r"|(?P<plain>\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?(?:[eE][+-]?\d+(?:_\d+)*)?)"
)
_BASES = {"hex": 16, "octal": 8, "binary": 2}


def with_plain_numbers(text: str, dialect: str, read_as: str | type[Dialect]) -> str:
    """Write the numbers of a text of PostgreSQL, Spark or Trino in digits alone, each in the places it had.

    Raises:
        NotAdmittedError: A number runs into a word, or has a base that the dialect does not know.
    """
    if dialect == "duckdb" or not _DOUBTFUL.search(text):
        return text
    for token in reversed(sqlglot.tokenize(text, dialect=read_as)):
        raw = text[token.start : token.end + 1]
        if not _is_doubtful(text, token, raw):
            continue
        if dialect == "spark":
            raise NotAdmittedError("a number with a base, which Spark would take for a name")
        end, digits = _read(text, token.start)
        text = text[: token.start] + digits + text[end:]
    return text


def _is_doubtful(text: str, token: Token, raw: str) -> bool:
    """Whether a token begins a number that is longer than itself, or one with a base."""
    if token.token_type is TokenType.NUMBER:
        behind = text[token.end + 1 : token.end + 2]
        return raw == token.text and (behind == "_" or behind.isalpha())
    return raw[:2].lower() in {"0x", "0b", "0o"} and token.token_type in {
        TokenType.HEX_STRING,
        TokenType.BIT_STRING,
    }


def _read(text: str, start: int) -> tuple[int, str]:
    found = _NUMBER.match(text, start)
    behind = text[found.end() : found.end() + 1] if found else ""
    if found is None or behind == "_" or behind.isalnum():
        raise NotAdmittedError("a number that runs into a word")
    kind = str(found.lastgroup)
    written = found[kind].replace("_", "")
    digits = str(int(written, _BASES[kind])) if kind in _BASES else written
    if len(digits) > len(found[0]):
        raise NotAdmittedError("a number with a base that is too long")
    return found.end(), digits.ljust(len(found[0]))
