"""A large document in parts that can be read alone: each entry of its long lists, and the rest.

Of ten thousand rules one changes. So that the others need not be read again, the text is cut before it is
parsed: at the lines that start an entry of `grants`, `restrictions`, `rights` or `roles`. A cut is right when
each part is YAML by itself, of just one entry: then nothing that was opened in a part (a quote, a bracket) is
still open at its end, and a parser of the whole text would read the next part as it is read alone. Whoever
reads the parts checks that. A text that is not laid out so is not cut (`cut` gives None), and is read as a
whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from lakeward.policies.yaml_tree import YamlFault

_TOP = re.compile(r"\n(?=[^ \n#])")
_KEY = re.compile(r"[A-Za-z_]+:(?=[ \n]|\Z)")
_START = re.compile(r"---[ ]*\n")
_LIST = re.compile(r"(grants|restrictions|rights|roles):(?: +#[^\n]*| *)\n")
_INDENT = re.compile(r"(?:[ ]*(?:#[^\n]*)?\n)*( *)(?=[^ \n#])")
_AWAY = re.compile(r"[\x85\u2028\u2029\ufeff]|(?:\A|[\s\[\]{},:?-])&\S")
"""Line breaks that Python does not count as such, and anchors, which tie one part to another."""


@dataclass(frozen=True)
class Part:
    """The entries of one list, or of `roles`, as they are written.

    Attributes:
        key: Under which key they stand.
        line: The line of that key, from 0.
        first: The line of the first entry, from 0.
        entries: The text of each, line breaks and comments after it included.
    """

    key: str
    line: int
    first: int
    entries: tuple[str, ...]

    @cached_property
    def lines(self) -> Sequence[int]:
        """The line of each entry, from 0."""
        lines = [self.first]
        for each in self.entries:
            lines.append(lines[-1] + each.count("\n"))
        return lines

    @property
    def is_map(self) -> bool:
        """Whether its entries have names instead of numbers."""
        return self.key == "roles"

    def fault(self, number: int, text: str, line: int = 1, column: int = 1) -> YamlFault:
        """Make a fault in an entry; line and column count from 1, in the entry."""
        return YamlFault(text, self.lines[number] + line, column)


@dataclass(frozen=True, slots=True)
class Parts:
    """A text, cut: `rest` has every list empty, and its lines are those of the text."""

    rest: str
    lists: tuple[Part, ...]


def cut(text: str) -> Parts | None:
    """Cut a text at the entries of its long lists; None where it is not laid out for that."""
    if (not text.isascii() or "&" in text) and _AWAY.search(text):
        return None
    starts = _blocks(text)
    if starts is None:
        return None
    rest, lists, line = [text[: starts[0]]], [], text.count("\n", 0, starts[0])
    for start, end in pairwise([*starts, len(text)]):
        head = _LIST.match(text, start, end)
        part = _part(text, head, end, line) if head else None
        if head and part is None:
            return None
        if head and part:
            empty = "{}" if part.is_map else "[]"
            rest.append(f"{part.key}: {empty}" + "\n" * text.count("\n", start, end))
            lists.append(part)
        else:
            rest.append(text[start:end])
        line += text.count("\n", start, end)
    return Parts("".join(rest), tuple(lists))


def _blocks(text: str) -> list[int] | None:
    """Return where each key of the document starts; None when something else stands in the first column."""
    lines = [match.end() for match in _TOP.finditer(text)]
    if text[:1] not in ("", " ", "\n", "#"):
        lines.insert(0, 0)
    if lines and _START.match(text, lines[0]):
        del lines[0]
    found = [each for each in lines if not _is_entry(text, each)]
    if not found or found[0] != lines[0] or not all(_KEY.match(text, each) for each in found):
        return None
    return found


def _is_entry(text: str, start: int) -> bool:
    return text.startswith(("- ", "-\n"), start)


def _part(text: str, head: re.Match[str], end: int, line: int) -> Part | None:
    """Cut one list; None when a line of it stands where no entry starts, or when it has no entry."""
    first = _INDENT.match(text, head.end(), end)
    if first is None:
        return None
    indent, is_list = len(first[1]), head[1] != "roles"
    starts = []
    for match in re.compile(rf"\n {{0,{indent}}}(?=[^ \n#])").finditer(text, head.end() - 1, end):
        start, at = match.start() + 1, match.end()
        if at - start != indent or (is_list and not _is_entry(text, at)):
            return None
        starts.append(start)
    entries = tuple(text[one:other] for one, other in pairwise([*starts, end]))
    return Part(head[1], line, line + text.count("\n", head.start(), starts[0]), entries)
