"""One file -> one policy document, and what it names, with the place of every fault.

A file is read again only when its text changes, and then only those entries of it that changed: most of a
large set of documents stays as it was. What is read in parts is what would be read as a whole, or it is read
as a whole; see `yaml_parts`.
"""

import errno
import hashlib
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lakeward.policies.documents import PolicyDocument
from lakeward.policies.entries import (
    RULES,
    AnyRule,
    Entry,
    Misread,
    read_entry,
    rest_of,
    role_entry,
    rule_entry,
)
from lakeward.policies.errors import Place
from lakeward.policies.marks import Fault, Marks, refusal_of
from lakeward.policies.model_faults import faults_of
from lakeward.policies.pause import without_collecting
from lakeward.policies.yaml_parts import Part, Parts, cut
from lakeward.policies.yaml_tree import YamlFault, plain, read_tree

Kept = Mapping[str, Mapping[str, Entry]]

MOST_BYTES = 8 * 1024 * 1024
"""Of one file."""
MOST_ENTRIES = 25_000
"""Rules and roles of one document; a lake may have many documents."""
MOST_AS_A_WHOLE = 2 * 1024 * 1024
"""Characters of a document that cannot be read entry by entry."""
_NOT_CUT = (
    "holds {:,} characters of which no rule starts on a line of its own, `- id:`; at most {:,} are read so"
)
_KEPT_FILES = 10_000


@dataclass(frozen=True, kw_only=True)
class ReadDocument:
    """One file, read.

    Attributes:
        document: What it holds.
        marks: Where in the file it stands.
        digest: Changes whenever the text does.
        entries: What its entries hold, by key and in the order of the file.
        kept: The entries by their text, of a file that was read in parts.
        uncut: How many characters of it are not cut into entries.
    """

    document: PolicyDocument
    marks: Marks
    digest: str
    entries: Mapping[str, Sequence[Entry]]
    kept: Kept = field(default_factory=dict)
    uncut: int = 0

    @cached_property
    def named(self) -> Mapping[str, frozenset[str]]:
        """The roles, purposes and tags that it speaks of."""
        named = [each.named for entries in self.entries.values() for each in entries]
        kinds = ("role", "purpose", "tag")
        return {
            kind: frozenset().union(*{each[number] for each in named}) for number, kind in enumerate(kinds)
        }

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The ids of its rules."""
        return tuple(each.name for key in RULES for each in self.entries.get(key, ()))

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Row filters that cannot be parsed."""
        return tuple(
            self.marks.fault((key, number, "rows"), each.fault)
            for key in RULES
            for number, each in enumerate(self.entries.get(key, ()))
            if each.fault
        )


class UnreadError(Exception):
    """A file is no policy document; `faults` says why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = faults


_kept: dict[Path, ReadDocument] = {}


@dataclass(frozen=True)
class Written:
    """One file as text, not yet parsed."""

    file: Path
    text: str

    @cached_property
    def digest(self) -> str:
        """Changes whenever the text does."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def parts(self) -> Parts | None:
        """The text, cut at its entries; None where it is not laid out for that."""
        return cut(self.text)

    @cached_property
    def uncut(self) -> int:
        """How many characters of it are not cut into entries."""
        return len(self.text if self.parts is None else self.parts.rest.rstrip("\n"))

    @property
    def weight(self) -> tuple[int, int]:
        """How many entries it holds, as far as that shows before it is parsed, and characters not cut."""
        before = _kept.get(self.file)
        if before and before.digest == self.digest:
            return sum(map(len, before.entries.values())), before.uncut
        lists = self.parts.lists if self.parts else ()
        return sum(len(each.entries) for each in lists), self.uncut


def read_text(file: Path) -> Written:
    """Read one file as text.

    Raises:
        UnreadError: It holds too much, or no text.
    """
    return Written(file, _text_of(file))


def read_document(written: Written) -> ReadDocument:
    """Parse one file.

    Raises:
        UnreadError: With every fault of it.
    """
    file, before = written.file, _kept.get(written.file)
    if before is None or before.digest != written.digest:
        with without_collecting():
            read = replace(_read(written, before.kept if before else {}), uncut=written.uncut)
        if file not in _kept and len(_kept) >= _KEPT_FILES:
            _kept.clear()
        _kept[file] = before = read
    return before


def read_yaml(file: Path, hint: str | None = None) -> tuple[dict[str, Any], Marks]:
    """Read a YAML file that goes with policies, whose values may be blank, and where things stand in it.

    Raises:
        PolicyError: It holds no mapping.
    """
    try:
        with without_collecting():
            return _mapping(file, _text_of(file), nulls=True)
    except UnreadError as error:
        raise refusal_of(error.faults, hint) from None


def _text_of(file: Path) -> str:
    """Read a regular file: a pipe would keep the process waiting, a device would never end."""
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UnreadError(
                [_fault(file, "is no regular file: a folder, a pipe or a device holds no document")]
            )
        if found.st_size > MOST_BYTES:
            raise _too_large(file, f"holds {found.st_size:,} bytes; at most {MOST_BYTES:,} are read")
        return _decoded(file, file.read_bytes())
    except FileNotFoundError:
        raise UnreadError([_fault(file, "is not there: it was moved, or is a link to nothing")]) from None
    except PermissionError:
        raise UnreadError([_fault(file, "may not be read by who runs this command")]) from None
    except OSError as error:
        why = "is a link that leads to itself" if error.errno == errno.ELOOP else "cannot be read"
        raise UnreadError([_fault(file, why)]) from None


def _decoded(file: Path, written: bytes) -> str:
    """Give bytes as text, every line ended in the one way."""
    try:
        text = written.decode("utf-8")
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise UnreadError([_fault(file, "is no text in UTF-8: a byte in this line is none", line)]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _too_large(file: Path, text: str) -> UnreadError:
    return UnreadError([_fault(file, f"{text}: divide it, the documents of a folder count together")])


def _fault(file: Path, text: str, line: int = 1, column: int = 1) -> Fault:
    place = Place(file=file, line=line, column=column)
    return Fault(file=file, near=line, find=lambda: place, say=lambda: text)


def _mapping(file: Path, text: str, *, nulls: bool) -> tuple[dict[str, Any], Marks]:
    marks = Marks(file, text)
    try:
        tree = read_tree(text)
        value = plain(tree, nulls=nulls) if tree is not None else None
    except YamlFault as fault:
        raise UnreadError([_fault(file, str(fault), fault.line, fault.column)]) from None
    if not isinstance(value, dict):
        raise UnreadError([marks.fault((), "holds no mapping: it starts with `version: 1`")])
    return value, marks


def _read(written: Written, kept: Kept) -> ReadDocument:
    file, text, digest, parts = written.file, written.text, written.digest, written.parts
    rest = text if parts is None else parts.rest
    if len(rest.rstrip("\n")) > MOST_AS_A_WHOLE:
        raise _too_large(file, _NOT_CUT.format(len(rest), MOST_AS_A_WHOLE))
    if parts is not None and parts.lists:
        _refuse_many(file, sum(len(each.entries) for each in parts.lists))
        try:
            return _read_in_parts(file, parts, digest, kept)
        except YamlFault as fault:
            if len(text) > MOST_AS_A_WHOLE:
                raise UnreadError([_fault(file, str(fault), fault.line, fault.column)]) from None
    return _read_as_a_whole(file, text, digest)


def _refuse_many(file: Path, entries: int) -> None:
    if entries > MOST_ENTRIES:
        raise _too_large(file, f"holds {entries:,} rules and roles; at most {MOST_ENTRIES:,} are read")


def _read_as_a_whole(file: Path, text: str, digest: str) -> ReadDocument:
    value, marks = _mapping(file, text, nulls=False)
    try:
        document = PolicyDocument.model_validate(value)
    except ValidationError as error:
        raise UnreadError(list(faults_of(error, marks))) from None
    entries = _entries_of(document)
    _refuse_many(file, sum(map(len, entries.values())))
    return ReadDocument(document=document, marks=marks, digest=digest, entries=entries)


def _read_in_parts(file: Path, parts: Parts, digest: str, kept: Kept) -> ReadDocument:
    """Read a text that was cut.

    Raises:
        YamlFault: A part is not YAML by itself, of just one entry.
        UnreadError: It is YAML and no policy document.
    """
    rest = rest_of(parts)
    read = {part.key: _read_list(part, kept.get(part.key, {})) for part in parts.lists}
    roles = {each.name: number for number, each in enumerate(read.get("roles", ()))}
    marks = Marks(file, parts.rest, {each.key: each for each in parts.lists}, roles)
    faults = [
        fault
        for part in parts.lists
        for number, each in enumerate(read[part.key])
        if isinstance(each, Misread)
        for fault in faults_of(each.error, marks, (part.key,) if part.is_map else (part.key, number))
    ]
    try:
        document = PolicyDocument.model_validate(rest)
    except ValidationError as error:
        raise UnreadError([*faults, *faults_of(error, marks)]) from None
    if faults:
        raise UnreadError(faults)
    entries = {key: [each for each in some if isinstance(each, Entry)] for key, some in read.items()}
    return ReadDocument(
        document=_filled(document, entries),
        marks=marks,
        digest=digest,
        entries={**_entries_of(document), **entries},
        kept={part.key: dict(zip(part.entries, entries[part.key], strict=True)) for part in parts.lists},
    )


def _read_list(part: Part, kept: Mapping[str, Entry]) -> list[Entry | Misread]:
    """Read the entries of a list, those that were read before excepted."""
    found = [kept.get(text) or read_entry(part, number) for number, text in enumerate(part.entries)]
    if part.is_map and len({each.name for each in found}) < len(found):
        seen: set[str] = set()
        for number, each in enumerate(found):
            if each.name in seen:
                raise part.fault(number, f"the key `{each.name}` is there twice")
            seen.add(each.name)
    return found


def _filled(document: PolicyDocument, entries: Mapping[str, Sequence[Entry]]) -> PolicyDocument:
    """Put the entries that were read one by one, and checked, into the document that was read without."""
    update: dict[str, object] = {
        key: tuple(each.value for each in some) for key, some in entries.items() if key != "roles"
    }
    if "roles" in entries:
        update["roles"] = {each.name: each.value for each in entries["roles"]}
    return document.model_copy(update=update)


def _entries_of(document: PolicyDocument) -> dict[str, Sequence[Entry]]:
    found: dict[str, Sequence[Entry]] = {
        key: [rule_entry(each) for each in getattr(document, key)] for key in RULES
    }
    found["roles"] = [role_entry(name, role) for name, role in document.roles.items()]
    return found


def rules_of(document: PolicyDocument) -> Iterator[tuple[str, int, AnyRule]]:
    """Return every grant, restriction and right with the key and the number under which it stands."""
    for kind in RULES:
        for index, each in enumerate(getattr(document, kind)):
            yield kind, index, each
