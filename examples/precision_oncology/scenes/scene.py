"""What a scene is made of: words, tables, trees. The command line draws them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = object


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a caption."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Sequence[Cell], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A statement, as it was asked."""

    sql: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal, in the words that the principal is shown."""

    caption: str
    message: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A tree."""

    label: str
    children: tuple["Branch", ...] = field(default=())


Part = Words | Grid | Query | Refusal | Branch


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene of the story."""

    title: str
    parts: tuple[Part, ...]
