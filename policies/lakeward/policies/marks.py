"""Where things stand in a file, found when somebody asks: a document without faults is never asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from lakeward.policies.errors import MOST_FAULTS, Place, PolicyError
from lakeward.policies.yaml_parts import Part
from lakeward.policies.yaml_tree import place_of, read_tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault, whose place and words are worked out when they are asked for.

    Attributes:
        file: In which file.
        near: The line of the entry that it is in, from 0, to sort by.
        find: Gives the place.
        say: Gives the words.
    """

    file: Path
    near: int
    find: Callable[[], Place]
    say: Callable[[], str]


def refusal_of(faults: Sequence[Fault], hint: str | None = None) -> PolicyError:
    """Make the error that tells of the first faults, by file and place, and how many more there are."""
    first = sorted(faults, key=lambda each: (each.file, each.near))[:MOST_FAULTS]
    told = [(each.find(), each.say()) for each in first]
    return PolicyError(told, hint=hint, more=max(0, len(faults) - MOST_FAULTS))


class Marks:
    """Where things stand in one file; its trees are made when somebody asks.

    Args:
        file: The file.
        text: What it holds, or what is left of it when `parts` are cut from it.
        parts: Its long lists, by key.
        roles: The number of each role's entry, by name.
    """

    def __init__(
        self,
        file: Path,
        text: str,
        parts: Mapping[str, Part] | None = None,
        roles: Mapping[str, int] | None = None,
    ) -> None:
        self.file, self._text = file, text
        self._parts, self._roles = parts or {}, roles or {}

    @cached_property
    def _tree(self) -> Any:  # noqa: ANN401 - PyYAML's nodes are untyped
        return read_tree(self._text)

    def at(self, path: Sequence[object]) -> Place:
        """Return the place of the deepest part of `path` that is in the file."""
        found = self._entry(path)
        if found is None:
            line, column = place_of(self._tree, path)
        else:
            part, number = found
            inside = path[1:] if part.is_map else (0, *path[2:])
            line, column = place_of(_entry_tree(part.entries[number]), inside)
            line += part.lines[number]
        return Place(file=self.file, line=line, column=column)

    def fault(self, path: Sequence[object], say: str | Callable[[], str]) -> Fault:
        """Make a fault of what stands at a path."""
        found = self._entry(path)
        return Fault(
            file=self.file,
            near=found[0].lines[found[1]] if found else 0,
            find=lambda: self.at(path),
            say=say if callable(say) else lambda: say,
        )

    def _entry(self, path: Sequence[object]) -> tuple[Part, int] | None:
        """Return the list, and the number of the entry in it, that a path leads into."""
        part = self._parts.get(str(path[0])) if len(path) > 1 else None
        if part is None:
            return None
        number = self._roles.get(str(path[1])) if part.is_map else path[1]
        return (part, number) if isinstance(number, int) and number < len(part.entries) else None


@lru_cache(maxsize=8)
def _entry_tree(text: str) -> Any:  # noqa: ANN401 - PyYAML's nodes are untyped
    return read_tree(text)
