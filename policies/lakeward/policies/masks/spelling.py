"""Which characters a masked text can have, and where: enough to know of a text that no cell shows it.

It is said beside the expression that makes it so (`texts.py`), and tests compare the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

ANY: Final = 0
"""In a pattern, any one character."""

Pattern = tuple[str | Literal[0], ...]
"""What a text must hold in this order: a character, or `ANY` for some one. There may be more in between."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelling:
    """The form of every text that a mask shows; characters are code points, as the engine counts them.

    Attributes:
        first: How many characters at the beginning may be whatever the cell holds.
        last: How many at the end.
        between: The characters that all the others are of; if it is empty, there are no others.
    """

    first: int = 0
    last: int = 0
    between: str = ""

    def may_hold(self, pattern: Pattern) -> bool:
        """Whether a text of this form may hold `pattern`.

        In a text that does, the character that answers to the pattern's number `i` is number `i` or a later
        one, and as far from the end at least as that.
        """
        if not self.between:
            return len(pattern) <= self.first + self.last
        inner = pattern[self.first : max(self.first, len(pattern) - self.last)]
        return all(each == ANY or each in self.between for each in inner)


def of_text(text: str) -> Pattern:
    """Return what a text must hold to be equal to `text`."""
    return tuple(text)


def of_like(pattern: str) -> Pattern:
    """Return what a text must hold to be LIKE a pattern, in which nothing is escaped."""
    return tuple(ANY if each == "_" else each for each in pattern if each != "%")


def none_holds(spellings: Sequence[Spelling], patterns: Sequence[Pattern]) -> bool:
    """Whether no text of any of the forms holds any of the patterns."""
    return not any(form.may_hold(each) for form in spellings for each in patterns)
