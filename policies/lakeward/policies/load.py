"""Policy documents from files, every fault with its file, line and column."""

import difflib
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from sqlglot import exp

from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.documents import Grant, PolicyDocument, Restriction, Right, Role
from lakeward.policies.errors import Place, PolicyError
from lakeward.policies.row_filter import RowFilterFault, parse_row_filter

Fault = tuple[Place, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySet:
    """All documents of a lake as one, checked.

    Attributes:
        filters: The parsed row filter of each grant and restriction that has one, by id.
        places: Where each grant, restriction and right stands, by id.
        fingerprint: Changes whenever the documents do.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    purposes: frozenset[str] = frozenset()
    grants: tuple[Grant, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    rights: tuple[Right, ...] = ()
    filters: Mapping[str, exp.Expr] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    fingerprint: str = ""


class Marks:
    """Where things stand in one parsed file."""

    def __init__(self, file: Path, root: Any) -> None:  # noqa: ANN401 - a ruamel tree
        self._file, self._root = file, root

    def at(self, path: tuple[Any, ...]) -> Place:
        """Return the place of the deepest part of `path` that is in the file."""
        node, line, column = self._root, 0, 0
        for key in path:
            marks = getattr(node, "lc", None)
            try:
                line, column = marks.key(key) if isinstance(node, dict) else marks.item(key)  # type: ignore[union-attr]
                node = node[key]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return Place(file=self._file, line=line + 1, column=column + 1)


def load_policies(directory: Path, taxonomy: Taxonomy | None = None) -> PolicySet:
    """Read and check every `*.yaml` and `*.yml` file in a directory; none at all grants nothing.

    Args:
        directory: The lake's policies.
        taxonomy: The tags that may be named; not checked when it is left out.

    Raises:
        PolicyError: With every fault of every file.
    """
    files = sorted(each for each in directory.glob("*.y*ml") if each.suffix in {".yaml", ".yml"})
    parsed: list[tuple[PolicyDocument, Marks]] = []
    faults: list[Fault] = []
    for file in files:
        try:
            parsed.append(_read(file))
        except PolicyError as error:
            faults += error.faults
    merged, found = _merge(parsed, taxonomy)
    if faults or found:
        raise PolicyError([*faults, *found])
    return merged


def _read(file: Path) -> tuple[PolicyDocument, Marks]:
    plain, marks = read_yaml(file)
    try:
        return PolicyDocument.model_validate(plain), marks
    except ValidationError as error:
        raise PolicyError([fault_of(each, marks) for each in error.errors()]) from None


def read_yaml(file: Path) -> tuple[dict[str, Any], Marks]:
    """Read one YAML mapping as plain values, and where each part of it stands.

    Raises:
        PolicyError: It is no YAML, or no mapping, or says a key twice.
    """
    try:
        tree = YAML(typ="rt").load(file.read_text("utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file=file, line=mark.line + 1 if mark else 1, column=mark.column + 1 if mark else 1)
        raise PolicyError([(place, f"is not valid YAML: {error.problem or 'it does not parse'}")]) from None
    except (YAMLError, UnicodeDecodeError, OSError, ValueError, RecursionError):
        raise PolicyError([(Place(file=file, line=1, column=1), "cannot be read as YAML in UTF-8")]) from None
    marks = Marks(file, tree)
    if not isinstance(tree, dict):
        raise PolicyError([(marks.at(()), "holds nothing to read: it starts with `version: 1`")])
    return _plain(tree), marks


def _plain(node: Any) -> Any:  # noqa: ANN401 - a YAML tree
    """Return plain values, free of the parser's own types; a day stays a day."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(each) for each in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def fault_of(error: Mapping[str, Any], marks: Marks) -> Fault:
    """Put a fault that a model found into our words, with its place."""
    path = tuple(error["loc"])
    text = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]), _FIELDS, n=1)
        text = "is no key of a policy here" + (f"; did you mean `{near[0]}`?" if near else "")
    elif error["type"] == "missing":
        return marks.at(path[:-1]), f"`{path[-1]}` is missing"
    name = str(path[-1]) if path else "document"
    return marks.at(path), f"`{name}` {text[:1].lower() + text[1:]}"


_FIELDS = frozenset(
    {
        alias.alias or name
        for kind in (PolicyDocument, Grant, Restriction, Right, Role)
        for name, alias in kind.model_fields.items()
    }
)


def _merge(
    parsed: list[tuple[PolicyDocument, Marks]], taxonomy: Taxonomy | None
) -> tuple[PolicySet, list[Fault]]:
    roles: dict[str, Role] = {}
    places: dict[str, Place] = {}
    faults: list[Fault] = []
    for document, marks in parsed:
        for name, role in document.roles.items():
            if name in roles:
                faults.append((marks.at(("roles", name)), f"the role `{name}` is defined twice"))
            roles[name] = role
        for kind, index, each in _rules(document):
            if each.id in places:
                faults.append((marks.at((kind, index, "id")), f"the id `{each.id}` is used twice"))
            places[each.id] = marks.at((kind, index))
    purposes = frozenset(purpose for document, _ in parsed for purpose in document.purposes)
    filters: dict[str, exp.Expr] = {}
    for document, marks in parsed:
        faults += _names(document, marks, roles, purposes, taxonomy)
        faults += _filters(document, marks, filters)
    faults += _cycles(parsed, roles)
    merged = PolicySet(
        roles=roles,
        purposes=purposes,
        grants=tuple(each for document, _ in parsed for each in document.grants),
        restrictions=tuple(each for document, _ in parsed for each in document.restrictions),
        rights=tuple(each for document, _ in parsed for each in document.rights),
        filters=filters,
        places=places,
        fingerprint=_fingerprint([document for document, _ in parsed]),
    )
    return merged, faults


def _rules(document: PolicyDocument) -> Iterator[tuple[str, int, Grant | Restriction | Right]]:
    for kind in ("grants", "restrictions", "rights"):
        for index, each in enumerate(getattr(document, kind)):
            yield kind, index, each


def _names(
    document: PolicyDocument,
    marks: Marks,
    roles: Mapping[str, Role],
    purposes: frozenset[str],
    taxonomy: Taxonomy | None,
) -> Iterator[Fault]:
    """Names that nothing bears: roles, purposes, tags."""
    for name, role in document.roles.items():
        yield from _strangers("role", role.includes, roles, marks, ("roles", name, "includes"))
    for kind, number, each in _rules(document):
        path = (kind, number)
        yield from _strangers("role", each.to, roles, marks, (*path, "to"))
        if isinstance(each, Restriction):
            yield from _strangers("role", each.except_, roles, marks, (*path, "except"))
        if not isinstance(each, Right):
            yield from _strangers("purpose", each.purposes, purposes, marks, (*path, "purposes"))
            if taxonomy is not None:
                yield from _tags(each, marks, path, taxonomy)


def _strangers(
    what: str, names: Sequence[str], known: Collection[str], marks: Marks, path: tuple[Any, ...]
) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name not in known:
            yield marks.at((*path, index)), _unknown(what, name, known)


def _tags(
    rule: Grant | Restriction, marks: Marks, path: tuple[Any, ...], taxonomy: Taxonomy
) -> Iterator[Fault]:
    known = {each.name for each in taxonomy.all()}
    axes = {f"{each.axis}.*" for each in taxonomy.all()} | {"*"}
    named = [((*path, "tagged", index), tag) for index, tag in enumerate(rule.tagged)]
    for number, columns in enumerate(rule.columns):
        named += [((*path, "columns", number, "tags", index), tag) for index, tag in enumerate(columns.tags)]
    for where, tag in named:
        if tag not in known and tag not in axes:
            yield marks.at(where), _unknown("tag", tag, known)


def _unknown(what: str, received: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(received, known, n=3, cutoff=0.5)
    return f"there is no {what} `{received}`" + (
        f"; did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""
    )


def _filters(document: PolicyDocument, marks: Marks, filters: dict[str, exp.Expr]) -> Iterator[Fault]:
    for kind, number, each in _rules(document):
        if isinstance(each, Right) or each.rows is None:
            continue
        try:
            filters[each.id] = parse_row_filter(each.rows)
        except RowFilterFault as fault:
            yield marks.at((kind, number, "rows")), str(fault)


MAX_ROLE_DEPTH = 20
"""Roles inside roles; the enforcer follows as many links, which it would otherwise cut off at ten without a
word.
"""


def _cycles(parsed: list[tuple[PolicyDocument, Marks]], roles: Mapping[str, Role]) -> Iterator[Fault]:
    for document, marks in parsed:
        for name in document.roles:
            if (depth := _depth(name, roles, ())) is None:
                yield marks.at(("roles", name, "includes")), f"the role `{name}` includes itself"
            elif depth > MAX_ROLE_DEPTH:
                yield (
                    marks.at(("roles", name)),
                    f"the role `{name}` includes roles more than {MAX_ROLE_DEPTH} deep",
                )


def _depth(name: str, roles: Mapping[str, Role], above: tuple[str, ...]) -> int | None:
    """Return how deep a role's includes go; None where they lead back to it."""
    if name in above:
        return None
    if len(above) > MAX_ROLE_DEPTH + 1:
        return len(above)
    deepest = 0
    for included in roles[name].includes if name in roles else ():
        depth = _depth(included, roles, (*above, name))
        if depth is None:
            return None
        deepest = max(deepest, depth + 1)
    return deepest


def _fingerprint(documents: list[PolicyDocument]) -> str:
    text = json.dumps([each.model_dump(mode="json") for each in documents], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
