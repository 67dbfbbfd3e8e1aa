"""Tags from a file that somebody has reviewed: checked whole, then applied table by table.

The file is CSV with the columns `table`, `column`, `tags` and optionally `action` and `reason`; or JSON, a
list of objects with the same keys, as `classify` writes it (keys of its own are left alone). `tags` is a
list, or words between blanks, commas or semicolons; `action` is `set` (the default) or `remove`. A row
without tags says nothing.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lakeward.catalog.errors import InputError
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import TagAct
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import read_table
from lakeward.catalog.tags import MissingReasonError, change_tags, plan_acts

_NEEDED = frozenset({"table", "column", "tags"})
_BETWEEN = re.compile(r"[\s,;]+")


class InvalidTagFileError(InputError):
    """A file of tags that cannot be used; nothing of it is applied."""

    code = "invalid-tag-file"

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(
            f"{path} cannot be applied: {fault}. Nothing was changed.",
            hint="It is CSV with the columns table, column, tags (and action, reason), or a JSON list of "
            "objects with these keys.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TagOrder:
    """What is to be done to one table: tags to set and to remove, by path."""

    table: TableName
    sets: Mapping[str, frozenset[str]]
    removes: Mapping[str, frozenset[str]]
    reason: str | None

    @property
    def needs(self) -> tuple[str, ...]:
        """The acts that it takes: `set`, `remove`."""
        return tuple(act for act, paths in (("set", self.sets), ("remove", self.removes)) if paths)


def read_tag_file(lake: Lake, path: Path, reason: str | None = None) -> list[TagOrder]:
    """Read a file of tags, and check it against the lake; gives one order for each table.

    Raises:
        InvalidTagFileError: The file cannot be read, or a row of it says something that cannot be done.
        UnknownTagError: The taxonomy does not hold a tag.
        UnknownColumnError: A path leads nowhere.
        MissingReasonError: Something is to be removed, and neither file nor caller says why.
    """
    orders: dict[TableName, dict[tuple[str, str], set[str]]] = {}
    reasons: dict[TableName, dict[str, None]] = {}
    for number, row in enumerate(_rows(path), 1):
        name, column, action, tags = _checked(lake, path, number, row)
        if tags:
            orders.setdefault(name, {}).setdefault((action, column), set()).update(tags)
            if said := str(row.get("reason") or "").strip():
                reasons.setdefault(name, {})[said] = None
    return [
        _order(lake, name, wanted, "; ".join(reasons.get(name, {})) or reason)
        for name, wanted in orders.items()
    ]


def plan_tag_file(lake: Lake, orders: Iterable[TagOrder]) -> list[tuple[TableName, TagAct]]:
    """Give what the orders would change, without changing it."""
    return [(each.table, act) for each in orders for act in _acts(lake, each)]


def apply_tag_file(lake: Lake, orders: Iterable[TagOrder], *, actor: str) -> list[tuple[TableName, TagAct]]:
    """Do what the orders say, one commit to each table; gives what was changed.

    A table that fails stops the work; those before it are done, and the file may be applied again.
    """
    done: list[tuple[TableName, TagAct]] = []
    for each in orders:
        acts = change_tags(lake, each.table, each.sets, each.removes, actor=actor, reason=each.reason)
        done += [(each.table, act) for act in acts]
    return done


def _order(
    lake: Lake, name: TableName, wanted: Mapping[tuple[str, str], set[str]], reason: str | None
) -> TagOrder:
    by_action = {
        action: {path: frozenset(tags) for (act, path), tags in wanted.items() if act == action}
        for action in ("set", "remove")
    }
    if by_action["remove"] and not (reason and reason.strip()):
        raise MissingReasonError
    order = TagOrder(table=name, sets=by_action["set"], removes=by_action["remove"], reason=reason)
    _acts(lake, order)
    return order


def _acts(lake: Lake, order: TagOrder) -> list[TagAct]:
    reading = read_table(lake, order.table)
    fields, own = reading.metadata.fields, reading.own
    gone = plan_acts(order.table, fields, own, "remove", order.removes)
    return gone + plan_acts(order.table, fields, own, "set", order.sets)


def _checked(
    lake: Lake, path: Path, number: int, row: Mapping[str, object]
) -> tuple[TableName, str, str, frozenset[str]]:
    if missing := _NEEDED - row.keys():
        raise InvalidTagFileError(path, f"row {number} has no {', '.join(sorted(missing))}")
    action = str(row.get("action") or "set")
    if action not in {"set", "remove"}:
        raise InvalidTagFileError(path, f"row {number}: the action is neither `set` nor `remove`")
    said = row["tags"]
    if not isinstance(said, str | list) or not all(isinstance(each, str) for each in said):
        raise InvalidTagFileError(path, f"row {number}: `tags` is neither a text nor a list of texts")
    words = said if isinstance(said, list) else [each for each in _BETWEEN.split(said) if each]
    tags = frozenset(lake.taxonomy.require(each).name for each in words)
    return lake.name(str(row["table"])), str(row["column"]), action, tags


def _rows(path: Path) -> list[Mapping[str, object]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InvalidTagFileError(path, "it cannot be read as UTF-8") from None
    if not text.lstrip().startswith(("[", "{")):
        return _csv_rows(path, text)
    try:
        rows = json.loads(text)
    except ValueError:
        raise InvalidTagFileError(path, "it is no JSON") from None
    if not isinstance(rows, list) or not all(isinstance(each, dict) for each in rows):
        raise InvalidTagFileError(path, "it is no list of objects")
    return rows


def _csv_rows(path: Path, text: str) -> list[Mapping[str, object]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        rows: list[Mapping[str, object]] = [
            {key: value or "" for key, value in row.items() if isinstance(key, str)} for row in reader
        ]
    except csv.Error:
        raise InvalidTagFileError(path, f"line {reader.line_num} is no CSV") from None
    if not {*(reader.fieldnames or ())} >= _NEEDED:
        raise InvalidTagFileError(path, "its first line does not name table, column and tags")
    return rows
