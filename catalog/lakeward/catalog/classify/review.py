"""Proposals in a file that a person edits, and what of it is then applied.

The file is the list that `classify scan` gives, as YAML or JSON: change `tags` and `role`, delete what should
not be applied. Entries that are `unclassified` or bear no tags change nothing. What a person has tagged in
the meantime stays as it is, and tags are only ever added.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.classify.column import Proposal
from lakeward.catalog.classify.memory import Judged, is_pinned, note_applied, recall
from lakeward.catalog.effective import walk
from lakeward.catalog.errors import InputError, UnavailableError
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import read_table
from lakeward.catalog.tags import MissingReasonError, UnknownColumnError, list_tags, set_tags
from lakeward.catalog.taxonomy import NONE, Taxonomy

KEYS = ("table", "column", "role", "tags", "confidence", "evidence")
ROLES = ("direct", "quasi", "sensitive", "none", "unclassified")


class InvalidReviewError(InputError):
    """A file of proposals that cannot be applied."""

    code = "invalid-review"

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(
            f"{path} holds no proposals that can be applied: {fault}. Nothing was changed.",
            hint="It is a list, as `lakeward classify scan --output FILE` writes it; each entry has `table`, "
            f"`column`, `role` ({', '.join(ROLES)}) and `tags`.",
        )


class ReviewFileError(UnavailableError):
    """A file of proposals that cannot be read or written."""

    code = "review-file"

    def __init__(self, path: Path, act: str) -> None:
        super().__init__(f"{path} cannot be {act}.", hint="Check the path and its rights.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What became of one entry: `applied`, `unchanged`, `held back` or `pinned`."""

    table: str
    column: str
    tags: tuple[str, ...]
    outcome: str


def write_review(path: Path, proposals: Iterable[Proposal]) -> None:
    """Write proposals to a file to edit: JSON when it is called so, else YAML.

    Raises:
        ReviewFileError: The file cannot be written.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415  only a review needs it

    records = [dict(each.record()) for each in proposals]
    try:
        with path.open("w", encoding="utf-8") as file:
            if path.suffix == ".json":
                json.dump(records, file, ensure_ascii=False, indent=2)
            else:
                yaml = YAML()
                yaml.width = 110
                yaml.dump(records, file)
    except OSError:
        raise ReviewFileError(path, "written") from None


def apply_review(
    lake: Lake, path: Path, *, actor: str, reason: str, overrule: bool = False
) -> tuple[Applied, ...]:
    """Put the tags of a reviewed file on their columns, one commit to each table.

    Everything is checked before anything is changed.

    Args:
        lake: The lake.
        path: The file.
        actor: Who reviewed it.
        reason: Why, for audit chain and ledger.
        overrule: Also add tags to columns that a person has tagged in another way.

    Raises:
        MissingReasonError: The reason is empty.
        InvalidReviewError: The file is no list of proposals, or an entry contradicts itself.
        UnknownTagError: The taxonomy does not hold a tag.
        UnknownColumnError: A table has no such column.
    """
    if not reason.strip():
        raise MissingReasonError
    content = _content(path)
    entries = _entries(path, content, lake.taxonomy)
    plans = {
        name: _plan(lake, name, each, overrule=overrule) for name, each in _by_table(lake, entries).items()
    }
    details: dict[str, Any] = {
        "review": hashlib.sha256(content).hexdigest(), "tables": sorted(map(str, plans)),
        "columns": len(entries),
    }  # fmt: skip
    lake.audit.append(
        AuditEvent(kind="classify.apply", principal=actor, details={**details, "reason": reason})
    )
    for name, applied in plans.items():
        wanted = {each.column: each.tags for each in applied if each.outcome == "applied"}
        if wanted:
            set_tags(lake, name, wanted, actor=actor, reason=reason)
            _note(lake, name, wanted)
    return tuple(each for applied in plans.values() for each in applied)


def review_tables(lake: Lake, path: Path) -> tuple[TableName, ...]:
    """Name the tables that a reviewed file speaks of.

    Raises:
        InvalidReviewError: The file is no list of proposals.
    """
    return tuple(_by_table(lake, _entries(path, _content(path), lake.taxonomy)))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ReviewFileError(path, "read") from None


def _entries(path: Path, content: bytes, taxonomy: Taxonomy) -> list[Mapping[str, Any]]:
    from ruamel.yaml import YAML  # noqa: PLC0415  only a review needs it
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:  # JSON is YAML
        document = YAML(typ="safe", pure=True).load(content.decode("utf-8"))
    except (YAMLError, UnicodeDecodeError, ValueError):
        raise InvalidReviewError(path, "it is neither YAML nor JSON") from None
    if not isinstance(document, list):
        raise InvalidReviewError(path, "it is no list")
    for number, entry in enumerate(document, 1):
        fault = _fault(entry)
        if fault:
            raise InvalidReviewError(path, f"entry {number}: {fault}")
        for tag in entry.get("tags") or ():
            taxonomy.require(tag)
    return document


def _fault(entry: object) -> str | None:
    if not isinstance(entry, dict):
        return "it is no mapping"
    if unknown := set(entry) - set(KEYS):
        return f"unknown key {min(map(str, unknown))!r}"
    tags = entry.get("tags") or []
    texts = [entry.get("table"), entry.get("column"), *(tags if isinstance(tags, list) else [None])]
    if not all(isinstance(each, str) and each for each in texts):
        return "`table`, `column` and each of `tags` are texts"
    return _clash(entry.get("role"), tags)


def _clash(role: object, tags: Sequence[str]) -> str | None:
    """Say how role and tags contradict each other, if they do."""
    if role not in ROLES:
        return f"`role` is none of {', '.join(ROLES)}"
    if NONE in tags and (role != "none" or len(tags) > 1):
        return f"{NONE} stands with another role or tag"
    if role == "none" and tags and NONE not in tags:
        return f"the role none goes with the tag {NONE} alone"
    return None


def _by_table(lake: Lake, entries: Sequence[Mapping[str, Any]]) -> dict[TableName, list[Mapping[str, Any]]]:
    tables: dict[TableName, list[Mapping[str, Any]]] = {}
    for entry in entries:
        tables.setdefault(lake.name(entry["table"]), []).append(entry)
    return tables


def _plan(
    lake: Lake, name: TableName, entries: Sequence[Mapping[str, Any]], *, overrule: bool
) -> list[Applied]:
    reading = read_table(lake, name)
    known = recall(lake, reading.metadata.uuid)
    ids = _field_ids(lake, name)
    own = {each.path: each.own for each in list_tags(lake, name)}
    planned = []
    for entry in entries:
        column, tags = entry["column"], tuple(entry.get("tags") or ())
        if column not in ids:
            raise UnknownColumnError(name, column, [field.name for field in reading.metadata.fields])
        present = own.get(column, frozenset())
        is_held = entry["role"] == "unclassified" or not tags
        pinned = is_pinned(present, known.get(ids[column]), lake.taxonomy) and not overrule
        outcome = (
            "held back"
            if is_held
            else "unchanged"
            if set(tags) <= present
            else "pinned"
            if pinned
            else "applied"
        )
        planned.append(Applied(table=str(name), column=column, tags=tags, outcome=outcome))
    return planned


def _field_ids(lake: Lake, name: TableName) -> dict[str, int]:
    fields = read_table(lake, name).metadata.fields
    return {path: place[0] for field in fields for path, place in walk(field).items()}


def _note(lake: Lake, name: TableName, wanted: Mapping[str, Iterable[str]]) -> None:
    uuid, ids = read_table(lake, name).metadata.uuid, _field_ids(lake, name)
    known: Mapping[int, Judged] = recall(lake, uuid)
    for column, tags in wanted.items():
        before = known.get(ids[column])
        note_applied(lake, uuid, ids[column], frozenset(tags) | (before.applied if before else frozenset()))
