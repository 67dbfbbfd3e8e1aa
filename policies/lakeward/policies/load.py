"""The policy documents of a lake as one set, every fault with its file, line and column."""

import difflib
import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from pathlib import Path

from sqlglot import exp

from lakeward.catalog.taxonomy import Taxonomy
from lakeward.policies.bounds import MOST_DOCUMENTS, refuse_many_entries, refuse_many_files
from lakeward.policies.documents import Grant, PolicyDocument, Restriction, Right, Role
from lakeward.policies.errors import Place, PolicyError
from lakeward.policies.marks import Fault, Marks, refusal_of
from lakeward.policies.patterns import matches
from lakeward.policies.read import ReadDocument, UnreadError, Written, read_document, read_text, rules_of
from lakeward.policies.row_filter import parse_row_filter

_MANY = 100
"""Names beyond which only some are compared with one that is not there."""
MAX_ROLE_DEPTH = 20
"""Roles inside roles. The enforcer follows as many links; by itself it would stop at ten, without a word."""


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


class Places(Mapping[str, Place]):
    """Where rules stand, by id; looked up when somebody asks, which serving a query does not."""

    def __init__(self, parsed: Sequence[ReadDocument]) -> None:
        self._parsed = parsed

    @cached_property
    def _holders(self) -> Mapping[str, tuple[Marks, str, int]]:
        return {
            each.id: (read.marks, kind, number)
            for read in self._parsed
            for kind, number, each in rules_of(read.document)
        }

    def __getitem__(self, rule: str) -> Place:
        """Return where a rule stands."""
        marks, kind, number = self._holders[rule]
        return marks.at((kind, number))

    def __iter__(self) -> Iterator[str]:
        """Return the ids."""
        return iter(self._holders)

    def __len__(self) -> int:
        """Return how many rules there are."""
        return len(self._holders)


class Filters(Mapping[str, exp.Expr]):
    """The parsed row filter of each rule that has one, by id; a tree is made when a decision needs it."""

    def __init__(self, documents: Sequence[PolicyDocument]) -> None:
        self._documents = documents

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The row filters as they are written."""
        rules = (each for document in self._documents for each in (*document.grants, *document.restrictions))
        return {each.id: each.rows for each in rules if each.rows is not None}

    def __getitem__(self, rule: str) -> exp.Expr:
        """Return the row filter of a rule."""
        return parse_row_filter(self.texts[rule])

    def __iter__(self) -> Iterator[str]:
        """Return the ids."""
        return iter(self.texts)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.texts)


def policy_files(directory: Path) -> list[Path]:
    """Return the documents of a directory: `*.yaml` and `*.yml`, not those in folders, nor hidden ones.

    Of more than a folder may hold it returns one too many, which is enough to refuse them.
    """
    if not directory.is_dir():
        return []
    with os.scandir(directory) as entries:  # `glob` takes a folder that may not be read for an empty one
        names = (each.name for each in entries if each.name.endswith((".yaml", ".yml")))
        found = islice((each for each in names if not each.startswith(".")), MOST_DOCUMENTS + 1)
        return sorted(directory / each for each in found)


def load_policies(directory: Path, taxonomy: Taxonomy | None = None) -> PolicySet:
    """Read and check every `*.yaml` and `*.yml` file in a directory; none at all grants nothing.

    Args:
        directory: The lake's policies.
        taxonomy: The tags that may be named; not checked when it is left out.

    Raises:
        PolicyError: With the first faults, and how many there are in all files; or they hold too much.
    """
    try:
        files = policy_files(directory)
    except OSError:
        place = Place(file=directory, line=1, column=1)
        raise PolicyError([(place, "the folder cannot be read by who runs this command")]) from None
    written, faults = _each_read(files, directory)
    parsed: list[ReadDocument] = []
    for each in written:
        try:
            parsed.append(read_document(each))
        except UnreadError as error:
            faults += error.faults
    merged = _merge(parsed)
    faults += [fault for read in parsed for fault in read.faults]
    faults += _repeated(parsed)
    faults += _unknown_names(parsed, merged, taxonomy)
    faults += _loops(parsed, merged.roles)
    if faults:
        raise refusal_of(faults)
    return merged


def _each_read(files: Sequence[Path], directory: Path) -> tuple[list[Written], list[Fault]]:
    """Read files as text, and count what they hold together before any is parsed."""
    refuse_many_files(directory, files)
    written: list[Written] = []
    faults: list[Fault] = []
    for file in files:
        try:
            written.append(read_text(file))
        except UnreadError as error:
            faults += error.faults
    refuse_many_entries(directory, (each.weight for each in written))
    return written, faults


def _merge(parsed: Sequence[ReadDocument]) -> PolicySet:
    documents = [read.document for read in parsed]
    return PolicySet(
        roles={name: role for each in documents for name, role in each.roles.items()},
        purposes=frozenset(purpose for each in documents for purpose in each.purposes),
        grants=tuple(grant for each in documents for grant in each.grants),
        restrictions=tuple(restriction for each in documents for restriction in each.restrictions),
        rights=tuple(right for each in documents for right in each.rights),
        filters=Filters(documents),
        places=Places(parsed),
        fingerprint=_fingerprint(parsed),
    )


def _fingerprint(parsed: Sequence[ReadDocument]) -> str:
    digests = [read.digest for read in parsed]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]


def _repeated(parsed: Sequence[ReadDocument]) -> Iterator[Fault]:
    """Find roles and ids that are there twice."""
    roles: set[str] = set()
    rules: set[str] = set()
    if _are_distinct([read.ids for read in parsed]) and _are_distinct(
        [read.document.roles for read in parsed]
    ):
        return
    for read in parsed:
        for name in roles & read.document.roles.keys():
            yield read.marks.fault(("roles", name), f"the role `{name}` is defined twice")
        roles |= read.document.roles.keys()
        for kind, number, each in rules_of(read.document):
            if each.id in rules:
                yield read.marks.fault((kind, number, "id"), f"the id `{each.id}` is used twice")
            rules.add(each.id)


def _are_distinct(names: Sequence[Collection[str]]) -> bool:
    return len(set().union(*names)) == sum(len(each) for each in names)


def _unknown_names(
    parsed: Sequence[ReadDocument], merged: PolicySet, taxonomy: Taxonomy | None
) -> Iterator[Fault]:
    """Find roles, purposes and tags that are named and not there."""
    tags = frozenset(each.name for each in taxonomy.all()) if taxonomy else frozenset()
    for read in parsed:
        roles = read.named["role"] - merged.roles.keys()
        purposes = read.named["purpose"] - merged.purposes
        strangers = {each for each in read.named["tag"] if taxonomy and not _is_tag(each, tags)}
        if roles or purposes or strangers:
            for path, name in _mentions(read):
                what = path[-2]
                if what in ("to", "except", "includes") and name in roles:
                    yield read.marks.fault(path, partial(_unknown, "role", name, merged.roles))
                elif what == "purposes" and name in purposes:
                    yield read.marks.fault(path, partial(_unknown, "purpose", name, merged.purposes))
                elif what in ("tags", "tagged") and name in strangers:
                    yield read.marks.fault(path, partial(_unknown, "tag", name, tags))


def _is_tag(pattern: str, tags: Collection[str]) -> bool:
    """Whether a pattern means a tag of the taxonomy: one that means none would restrict nothing."""
    return pattern in tags or (pattern.endswith("*") and any(matches(tag, pattern) for tag in tags))


def _mentions(read: ReadDocument) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Return every role, purpose and tag that a document names, with its path in the file."""
    for name, role in read.document.roles.items():
        yield from _each(("roles", name, "includes"), role.includes)
    for kind, number, rule in rules_of(read.document):
        yield from _each((kind, number, "to"), rule.to)
        if isinstance(rule, Right):
            continue
        yield from _each((kind, number, "purposes"), rule.purposes)
        yield from _each((kind, number, "tagged"), rule.tagged)
        if isinstance(rule, Restriction):
            yield from _each((kind, number, "except"), rule.except_)
        for index, columns in enumerate(rule.columns):
            yield from _each((kind, number, "columns", index, "tags"), columns.tags)


def _each(path: tuple[str | int, ...], names: Sequence[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    return (((*path, index), name) for index, name in enumerate(names))


def _unknown(what: str, received: str, known: Collection[str]) -> str:
    alike = [each for each in known if each[:1] == received[:1]] if len(known) > _MANY else known
    near = difflib.get_close_matches(received, list(alike)[:_MANY], n=3, cutoff=0.5)
    return f"there is no {what} `{received}`" + (
        f"; did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""
    )


def _loops(parsed: Sequence[ReadDocument], roles: Mapping[str, Role]) -> Iterator[Fault]:
    """Find roles that include themselves, or that include roles too deep."""
    deep = set(roles)
    for _ in range(MAX_ROLE_DEPTH + 1):
        deep = {name for name in deep if not deep.isdisjoint(roles[name].includes)}
    for read in parsed:
        for name in deep & read.document.roles.keys():
            if name in _included(name, roles):
                yield read.marks.fault(("roles", name, "includes"), f"the role `{name}` includes itself")
            else:
                text = f"the role `{name}` includes roles more than {MAX_ROLE_DEPTH} deep"
                yield read.marks.fault(("roles", name), text)


def _included(name: str, roles: Mapping[str, Role]) -> set[str]:
    """Return every role that a role includes, itself only if it leads back to it."""
    found: set[str] = set()
    pending = list(roles[name].includes)
    while pending:
        each = pending.pop()
        if each not in found and each in roles:
            found.add(each)
            pending += roles[each].includes
    return found


__all__ = ["MAX_ROLE_DEPTH", "Fault", "Marks", "Places", "PolicySet", "load_policies", "policy_files"]
