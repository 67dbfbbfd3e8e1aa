"""Characters that a lexer may read otherwise than another lexer does.

DuckDB's lexer takes U+200B, U+2060 and U+FEFF for white space, sqlglot's for letters of a name: to one a
column, to the other a column and a table. So a statement may hold such characters nowhere, not even in a
literal. A vertical tab and a form feed, white space to both, may stand in one: libraries strip a text by
`trim(x, …)` of every white space there is.
"""

import re
import unicodedata

from sqlglot import exp

from lakeward.policies.admit.errors import NotAdmittedError

MAX_LENGTH = 256 * 1024
"""Characters of one statement."""

MAX_NESTING = 120
"""Brackets inside brackets; parsers are recursive, and a deep text must not bring the process down."""

_ORDINARY = frozenset("\t\n\r ")
_IN_LITERALS = "\v\f"
PLAIN_SPACES = str.maketrans(_IN_LITERALS, "  ")
"""For `refuse_odd_characters`, where `refuse_odd_spaces` asks afterwards where these stand."""

_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
_OPERATOR = re.compile(
    r"[-+*/%|&^<>=!~:.]+|\]\s*+\[|\b(?:and|or|not|union|except|intersect|in|is|like|case|over)\b",
    re.IGNORECASE,
)
MAX_OPERATORS = 2_500
"""Operators of one statement: each may be one level of the tree."""


def refuse_odd_characters(text: str) -> None:
    """Refuse a statement that two lexers may read in two ways, or that is too large or too deep to read.

    Raises:
        NotAdmittedError: It is.
    """
    if len(text) > MAX_LENGTH:
        raise NotAdmittedError(f"more than {MAX_LENGTH} characters")
    if not text.isascii():
        for character in set(text) - _ORDINARY:
            if unicodedata.category(character) in _REFUSED:
                raise NotAdmittedError(f"the character U+{ord(character):04X}")
    elif any(ord(character) < ord(" ") or ord(character) == 127 for character in set(text) - _ORDINARY):  # noqa: PLR2004
        raise NotAdmittedError("a control character")
    if sum(text.count(each) for each in "([{") > MAX_NESTING and _nesting(text) > MAX_NESTING:
        raise NotAdmittedError(f"brackets nested deeper than {MAX_NESTING}")
    if len(text) > MAX_OPERATORS and len(_OPERATOR.findall(text)) > MAX_OPERATORS:
        raise NotAdmittedError(f"more than {MAX_OPERATORS} operators")


def _nesting(text: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[\](){}]", text):
        depth += 1 if bracket in "[({" else -1
        deepest = max(deepest, depth)
    return deepest


def refuse_odd_spaces(tree: exp.Expr, text: str) -> None:
    """Refuse a vertical tab or a form feed that stands in no literal of the tree.

    Raises:
        NotAdmittedError: One does.
    """
    written = sum(text.count(each) for each in _IN_LITERALS)
    if written and written != sum(
        str(each.this).count(odd)
        for each in tree.find_all(exp.Literal)
        for odd in _IN_LITERALS
        if each.is_string
    ):
        raise NotAdmittedError("a control character")
