"""YAML -> plain values, strictly, with the line and column of everything in it.

Only the core of YAML 1.2 is read: mappings with text keys, lists, texts, numbers, true and false. What
would be read in more than one way, or would mean something by being left blank, is a fault: a key twice, a
key without a value, merge keys, tags, a second document. Dates stay texts.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

import yaml  # type: ignore[import-untyped]  # PyYAML ships no types

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml, ten times as fast, where it is there
_MOST_NODES = 2_000_000
_MOST_LEVELS = 40
_TEXT, _SEQUENCE, _MAPPING = (f"tag:yaml.org,2002:{each}" for each in ("str", "seq", "map"))
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_BLANK = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


class YamlFault(Exception):  # noqa: N818 - becomes a fault of a PolicyError
    """What is wrong with a text, and where; lines and columns count from 1."""

    def __init__(self, text: str, line: int = 1, column: int = 1) -> None:
        super().__init__(text)
        self.line, self.column = line, column


def read_tree(text: str) -> Any:  # noqa: ANN401 - PyYAML's nodes are untyped
    """Parse one document and return its node, None for an empty text.

    Raises:
        YamlFault: It is not valid YAML.
    """
    try:
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFault(
            f"is not valid YAML: {error.problem or 'it does not parse'}",
            mark.line + 1 if mark else 1,
            mark.column + 1 if mark else 1,
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise YamlFault("cannot be read as YAML in UTF-8") from None


def plain(tree: Any, *, nulls: bool = False, level: int = 0) -> Any:  # noqa: ANN401 - whatever was written
    """Return the plain value of a node; `nulls` says whether a value may be left blank.

    A node of a part stands at a `level` of the whole.

    Raises:
        YamlFault: It holds something that is not of the core that is read here.
    """
    return _Reader(nulls=nulls).value(tree, level)


class _Reader:
    """Counts what it reads: aliases of aliases must not grow without bound."""

    def __init__(self, *, nulls: bool) -> None:
        self._nodes, self._nulls = 0, nulls

    def value(self, node: Any, level: int) -> Any:  # noqa: ANN401 - see `plain`
        self._nodes += 1
        if self._nodes > _MOST_NODES or level > _MOST_LEVELS:
            raise _fault("is too large, too deep, or holds itself", node)
        if isinstance(node, yaml.ScalarNode):
            return None if self._nulls and _is_blank(node) else _scalar(node)
        if node.tag not in (_SEQUENCE, _MAPPING):
            raise _fault("has a YAML tag, which means nothing here", node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, level + 1) for each in node.value]
        return self._mapping(node, level)

    def _mapping(self, node: Any, level: int) -> dict[str, Any]:  # noqa: ANN401 - see `plain`
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = _scalar(key) if isinstance(key, yaml.ScalarNode) else None
            if not isinstance(name, str):
                raise _fault("is a key that is no text: write it in quotes", key)
            if name == "<<" and not key.style:
                raise _fault("merges mappings, which is not read here: write the keys out", key)
            if name in found:
                raise _fault(f"the key `{name}` is there twice", key)
            found[name] = self.value(value, level + 1)
        return found


def _scalar(node: Any) -> str | int | float | bool:  # noqa: ANN401 - see `plain`
    text: str = node.value
    if node.tag != _TEXT:
        raise _fault("has a YAML tag, which means nothing here", node)
    if node.style:
        return text
    if _is_blank(node):
        raise _fault("has no value: give it one, or leave the key out", node)
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        if _INTEGER.match(text):
            return int(text)
        if _FLOAT.match(text) and math.isfinite(number := float(text)):
            return number
    return text


def _is_blank(node: Any) -> bool:  # noqa: ANN401 - see `plain`
    return not node.style and node.value in _BLANK


def _fault(text: str, node: Any) -> YamlFault:  # noqa: ANN401 - see `plain`
    return YamlFault(text, node.start_mark.line + 1, node.start_mark.column + 1)


def place_of(tree: Any, path: Sequence[object]) -> tuple[int, int]:  # noqa: ANN401 - see `plain`
    """Return line and column of the deepest part of `path` that is there, those of its key in a mapping."""
    node, found = tree, tree
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                break
            found, node = pair
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node = node.value[step]
        else:
            break
    return (found.start_mark.line + 1, found.start_mark.column + 1) if found is not None else (1, 1)
