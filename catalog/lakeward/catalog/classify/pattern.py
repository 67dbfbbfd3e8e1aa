"""Patterns of words that a detector knows a column's name by.

`birth date|time` asks for *birth* and for one of *date* and *time*, in any order; `@staff` is a group of
`lists/groups.txt`; `$name` must be the head, the word that says what the column is; `!word` must not be
there; a pattern that begins with `=` allows no other word.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from lakeward.catalog.classify.words import ParsedName, groups


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, read.

    Attributes:
        elements: For each word asked for, those that will do.
        heads: The words that will do as head; empty when any head will.
        forbidden: Words that must not be there.
        is_whole: Whether no other word may be there.
    """

    elements: tuple[frozenset[str], ...]
    heads: frozenset[str]
    forbidden: frozenset[str]
    is_whole: bool

    def matches(self, name: ParsedName, words: frozenset[str]) -> bool:
        """Say whether a name, whose words are given as a set too, fits."""
        if self.heads and name.head not in self.heads:
            return False
        if self.forbidden and not self.forbidden.isdisjoint(words):
            return False
        if any(element.isdisjoint(words) for element in self.elements):
            return False
        return not self.is_whole or name.content <= frozenset().union(*self.elements)


@cache
def read_pattern(text: str) -> Pattern:
    """Read a pattern."""
    is_whole = text.startswith("=")
    elements, heads, forbidden = [], frozenset[str](), frozenset[str]()
    for part in text.removeprefix("=").split():
        words = _alternatives(part.lstrip("$!"))
        if part.startswith("!"):
            forbidden |= words
            continue
        elements.append(words)
        if part.startswith("$"):
            heads |= words
    return Pattern(tuple(elements), heads, forbidden, is_whole)


def _alternatives(text: str) -> frozenset[str]:
    return frozenset(word for each in text.split("|") for word in _expand(each))


def _expand(word: str) -> Iterable[str]:
    return groups()[word[1:]] if word.startswith("@") else (word,)
