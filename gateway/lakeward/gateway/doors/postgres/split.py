"""Where one statement of a text ends and the next begins; nothing else is decided by this reading.

Each part then goes the whole way of a query by itself, so that a text that is cut at a wrong place can fail,
but shows nothing.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n\r]* | /\*)
    | (?P<string>  [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*')
    | (?P<name>    "(?:[^"]|"")*")
    | (?P<dollar>  \$(?P<tag>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$)
    | (?P<word>    [A-Za-z_][A-Za-z0-9_$]*)
    | (?P<end>     ;)
    | (?P<other>   .)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = 8


def split(text: str) -> list[str]:
    """Cut a text at each `;` that ends a statement; parts that hold nothing are left out."""
    parts, start, filled = [], 0, False
    for kind, begin, end in tokens(text):
        if kind == "end":
            if filled:
                parts.append(text[start:begin].strip())
            start, filled = end, False
        elif kind != "comment" and not text[begin:end].isspace():
            filled = True
    if filled:
        parts.append(text[start:].strip())
    return parts


def first_words(text: str) -> list[str]:
    """Give the first words of a statement in upper case, as far as there are only words."""
    words: list[str] = []
    for kind, begin, end in tokens(text):
        if kind == "word":
            words.append(text[begin:end].upper())
        elif kind != "comment" and not text[begin:end].isspace():
            break
        if len(words) == _WORDS:
            break
    return words


def tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Give the pieces of a text: kind, start, end."""
    at = 0
    while match := _TOKEN.match(text, at):
        kind, end = str(match.lastgroup), match.end()
        if kind == "tag" or match["dollar"]:
            kind, close = "string", text.find(match["dollar"], end)
            end = len(text) if close < 0 else close + len(match["dollar"])
        elif match["comment"] == "/*":
            end = _comment_end(text, end)
        yield kind, at, end
        at = end


def _comment_end(text: str, at: int) -> int:
    """Find where a comment ends; comments nest."""
    depth = 1
    for each in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if each[0] == "/*" else -1
        if depth == 0:
            return each.end()
    return len(text)
