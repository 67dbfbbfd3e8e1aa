"""One file -> one policy document, and what it names, with the place of every fault.

A file is read again only when its text changes: most of a large set of documents stays as it was.
"""

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlglot import exp

from lakeward.policies.documents import (
    BreakGlass,
    ColumnRule,
    Grant,
    PolicyDocument,
    Restriction,
    Right,
    Role,
)
from lakeward.policies.errors import Place, PolicyError
from lakeward.policies.row_filter import RowFilterFault, parse_row_filter
from lakeward.policies.yaml_tree import YamlFault, place_of, plain, read_tree

Fault = tuple[Place, str]
AnyRule = Grant | Restriction | Right

_KEPT_FILES = 1_000
_FIELDS = frozenset(
    {
        each.alias or name
        for kind in (PolicyDocument, Grant, Restriction, Right, Role, ColumnRule, BreakGlass)
        for name, each in kind.model_fields.items()
    }
)


class Marks:
    """Where things stand in one file; its tree is made when somebody asks."""

    def __init__(self, file: Path, text: str) -> None:
        self._file, self._text = file, text

    @cached_property
    def _tree(self) -> Any:  # noqa: ANN401 - PyYAML's nodes are untyped
        return read_tree(self._text)

    def at(self, path: Sequence[object]) -> Place:
        """Return the place of the deepest part of `path` that is in the file."""
        line, column = place_of(self._tree, path)
        return Place(file=self._file, line=line, column=column)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadDocument:
    """One file, read.

    Attributes:
        document: What it holds.
        marks: Where in the file it stands.
        filters: The parsed row filter of each rule that has one, by id.
        ids: The ids of its rules, in order.
        named: The roles, purposes and tags that it speaks of.
        digest: Changes whenever the text does.
        faults: Row filters that cannot be parsed.
    """

    document: PolicyDocument
    marks: Marks
    digest: str = ""
    filters: Mapping[str, exp.Expr] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def read_document(file: Path) -> ReadDocument:
    """Read one file.

    Raises:
        PolicyError: With every fault of it.
    """
    return _read(file, _text_of(file))


def read_yaml(file: Path) -> tuple[dict[str, Any], Marks]:
    """Read a YAML file that goes with policies, whose values may be blank, and where things stand in it.

    Raises:
        PolicyError: It holds no mapping.
    """
    return _mapping(file, _text_of(file), nulls=True)


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (UnicodeDecodeError, OSError):
        raise PolicyError([(Place(file=file, line=1, column=1), "cannot be read as YAML in UTF-8")]) from None


def _mapping(file: Path, text: str, *, nulls: bool) -> tuple[dict[str, Any], Marks]:
    marks = Marks(file, text)
    try:
        tree = read_tree(text)
        value = plain(tree, nulls=nulls) if tree is not None else None
    except YamlFault as fault:
        place = Place(file=file, line=fault.line, column=fault.column)
        raise PolicyError([(place, str(fault))]) from None
    if not isinstance(value, dict):
        raise PolicyError([(marks.at(()), "holds no mapping: it starts with `version: 1`")])
    return value, marks


@lru_cache(maxsize=_KEPT_FILES)
def _read(file: Path, text: str) -> ReadDocument:
    value, marks = _mapping(file, text, nulls=False)
    try:
        document = PolicyDocument.model_validate(value)
    except ValidationError as error:
        raise PolicyError(faults_of(error, marks)) from None
    filters: dict[str, exp.Expr] = {}
    faults = tuple(_filters(document, marks, filters))
    return ReadDocument(
        document=document,
        marks=marks,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        filters=filters,
        ids=tuple(each.id for _, _, each in rules_of(document)),
        named=_named(document),
        faults=faults,
    )


def rules_of(document: PolicyDocument) -> Iterator[tuple[str, int, AnyRule]]:
    """Return every grant, restriction and right with the key and the number under which it stands."""
    for kind in ("grants", "restrictions", "rights"):
        for index, each in enumerate(getattr(document, kind)):
            yield kind, index, each


def faults_of(error: ValidationError, marks: Marks) -> list[Fault]:
    """Return what pydantic found wrong, each at its place; not that a list is short for want of bad items."""
    found = error.errors()
    return [
        _fault_of(each, marks)
        for each in found
        if each["type"] != "too_short" or not any(_is_below(other["loc"], each["loc"]) for other in found)
    ]


def _is_below(path: Sequence[object], top: Sequence[object]) -> bool:
    return len(path) > len(top) and path[: len(top)] == top


def _fault_of(error: Mapping[str, Any], marks: Marks) -> Fault:
    path = tuple(error["loc"])
    text = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _FIELDS, n=1)
        text = "is no key of a policy here" + (f"; did you mean `{near[0]}`?" if near else "")
    elif error["type"] == "missing":
        return marks.at(path[:-1]), f"`{path[-1]}` is missing"
    elif error["type"] == "string_pattern_mismatch":
        text = "has characters that do not belong there, or is empty"
    elif path and path[-1] == "[key]":
        path = path[:-1]
    name = str(path[-1]) if path else "document"
    return marks.at(path), f"`{name}` {text[:1].lower() + text[1:]}"


def _filters(document: PolicyDocument, marks: Marks, filters: dict[str, exp.Expr]) -> Iterator[Fault]:
    for kind, number, each in rules_of(document):
        if isinstance(each, Right) or each.rows is None:
            continue
        try:
            filters[each.id] = parse_row_filter(each.rows)
        except RowFilterFault as fault:
            yield marks.at((kind, number, "rows")), str(fault)


def _named(document: PolicyDocument) -> dict[str, frozenset[str]]:
    roles = {included for role in document.roles.values() for included in role.includes}
    purposes: set[str] = set()
    tags: set[str] = set()
    for _, _, each in rules_of(document):
        roles.update(each.to)
        if isinstance(each, Right):
            continue
        roles.update(getattr(each, "except_", ()))
        purposes.update(each.purposes)
        tags.update(each.tagged, *(columns.tags for columns in each.columns))
    return {"role": frozenset(roles), "purpose": frozenset(purposes), "tag": frozenset(tags)}
