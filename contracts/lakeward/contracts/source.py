"""Read a YAML file into plain values that remember their lines.

Stricter than a usual loader, because a contract decides what is let through: a duplicate key, a tag of some
other language and a document too large to be a contract are refused, and `2020-01-01` stays a text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lakeward.contracts.errors import UnreadableContractError

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node

Pointer = tuple[str | int, ...]
MAX_BYTES = 4 * 1024 * 1024
MAX_NODES = 200_000
MAX_INTEGER = 10**100  # far beyond any column, and still a float
_CORE = "tag:yaml.org,2002:"
_TYPED = frozenset({_CORE + name for name in ("int", "float", "bool", "null")})
_TEXT = frozenset({_CORE + name for name in ("str", "timestamp")})


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, both numbers 1-based."""

    line: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file's plain values, and the mark of every node in it."""

    path: str
    value: Any
    marks: Mapping[Pointer, Mark]

    def mark(self, pointer: Pointer) -> Mark:
        """Give the mark of a node, or of the nearest one around it that exists."""
        while pointer not in self.marks:
            pointer = pointer[:-1]
        return self.marks[pointer]


def read_source(path: Path) -> Source:
    """Read one YAML file.

    Raises:
        UnreadableContractError: The file is missing, too large, or not such YAML.
    """
    return parse_source(_bytes(path), str(path))


def parse_source(content: bytes, path: str) -> Source:
    """Read YAML from memory; `path` is what errors call it.

    Raises:
        UnreadableContractError: It is not such YAML.
    """
    reader = _Reader(path)
    return Source(path=path, value=reader.read(content), marks=reader.marks)


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError:
        raise UnreadableContractError(
            str(path), "The file cannot be read.", hint="Is the path right?"
        ) from None
    if len(content) > MAX_BYTES:
        raise UnreadableContractError(str(path), f"The file is larger than {MAX_BYTES} bytes.")
    return content


def _mark(node: "Node") -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


class _Reader:
    """Turns the nodes that ruamel composes into values, and notes where each one stood."""

    def __init__(self, path: str) -> None:
        from ruamel.yaml import YAML  # noqa: PLC0415 - not needed until a file is read

        self.path = path
        self.marks: dict[Pointer, Mark] = {}
        self._yaml = YAML(typ="safe", pure=True)

    def read(self, content: bytes) -> object:
        from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - as above

        try:
            node = self._yaml.compose(content)
            return self._value(node, ()) if node is not None else self._refuse("The file is empty.")
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = Mark(mark.line + 1, mark.column + 1) if mark else None
        except (RecursionError, UnicodeDecodeError, ValueError):
            place = None
        return self._refuse("This is not valid YAML.", place)

    def _value(self, node: "Node", pointer: Pointer) -> object:
        mark = self.marks.setdefault(pointer, _mark(node))
        if len(self.marks) > MAX_NODES:
            self._refuse("The file holds more nodes than a contract may.", mark)
        if isinstance(node.value, str):
            return self._scalar(node, mark)
        if (node.value and isinstance(node.value[0], tuple)) or node.tag == _CORE + "map":
            return dict(self._pairs(node, pointer))
        return [self._value(each, (*pointer, index)) for index, each in enumerate(node.value)]

    def _pairs(self, node: "Node", pointer: Pointer) -> Iterator[tuple[str, object]]:
        seen = set()
        for key, value in node.value:
            mark = _mark(key)
            if not isinstance(key.value, str):
                self._refuse("A key must be a text.", mark)
            if key.value in seen:
                self._refuse("This key stands twice in one mapping.", mark)
            seen.add(key.value)
            self.marks[(*pointer, key.value)] = mark  # the line of the key is where a reader looks
            yield key.value, self._value(value, (*pointer, key.value))

    def _scalar(self, node: "Node", mark: Mark) -> object:
        if node.tag in _TEXT:
            return node.value
        if node.tag not in _TYPED:
            self._refuse("A contract holds texts, numbers, true, false and null; no other tags.", mark)
        value = self._yaml.constructor.construct_object(node)
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            self._refuse("A number is too large.", mark)
        return value

    def _refuse(self, problem: str, mark: Mark | None = None) -> NoReturn:
        line, column = (mark.line, mark.column) if mark else (None, None)
        raise UnreadableContractError(self.path, problem, line=line, column=column) from None
