"""Tags of a lake's own: put into and taken out of its `taxonomy.yaml`, a file that people review."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.errors import InputError
from lakeward.catalog.lake import Lake
from lakeward.catalog.tag_index import current_index, search
from lakeward.catalog.tags import MissingReasonError, UnsearchedTablesError
from lakeward.catalog.taxonomy import LAKE_FILE, InvalidTaxonomyError, TagDefinition, load_taxonomy


class TagInUseError(InputError):
    """The definition of a tag that columns bear cannot go."""

    code = "tag-in-use"

    def __init__(self, tag: str, places: int) -> None:
        super().__init__(
            f"{tag} is in effect on {places} columns, so its definition stays. Nothing was changed.",
            hint=f"See where with `lakeward tag find {tag}`.",
        )


class NotOwnTagError(InputError):
    """A tag is to go that is not in the lake's own taxonomy."""

    code = "not-own-tag"

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"{tag} is not defined in this lake's {LAKE_FILE}.",
            hint="What ships with lakeward stays; `lakeward tag taxonomy` lists all tags and their source.",
        )


def define_tag(lake: Lake, facts: dict[str, Any], *, actor: str, reason: str | None = None) -> TagDefinition:
    """Define a tag, or define it anew; it may only become stricter unless somebody says why.

    Args:
        lake: The lake.
        facts: `name`, `title`, and optionally `classifies`, `sensitive`, `parent` and so on.
        actor: Who defines it.
        reason: Why; needed when the definition becomes weaker than it was.

    Raises:
        InvalidTaxonomyError: The definition is not valid, or weaker than the one that ships.
        MissingReasonError: It becomes weaker and nobody says why.
    """
    name = str(facts.get("name"))
    before = lake.taxonomy.get(name)

    def change(tags: list[Any]) -> None:
        held = next((each for each in tags if isinstance(each, dict) and each.get("name") == name), None)
        if held is None:
            tags.append(dict(facts))
        else:
            held.update(facts)

    def check(after: TagDefinition | None) -> None:
        weaker = (
            before and after and (after.classifies > before.classifies or before.sensitive > after.sensitive)
        )
        if weaker and not (reason and reason.strip()):
            raise MissingReasonError

    _rewrite(lake, name, change, check, ("tag.define", actor, reason))
    return load_taxonomy(lake.root).require(name)


def undefine_tag(lake: Lake, name: str, *, actor: str, reason: str) -> None:
    """Take a tag out of the lake's own taxonomy.

    Raises:
        NotOwnTagError: It is not in there.
        TagInUseError: A column bears it.
        UnsearchedTablesError: A table cannot be read, so nobody knows.
        MissingReasonError: The reason is empty.
    """
    if not reason.strip():
        raise MissingReasonError
    index = current_index(lake)
    if index.refused:
        raise UnsearchedTablesError([], index.refused)
    places = sum(1 for _ in search(lake, index, name))
    if places:
        raise TagInUseError(name, places)

    def change(tags: list[Any]) -> None:
        held = [each for each in tags if isinstance(each, dict) and each.get("name") == name]
        if not held:
            raise NotOwnTagError(name)
        for each in held:
            tags.remove(each)

    _rewrite(lake, name, change, lambda _after: None, ("tag.undefine", actor, reason))


def _rewrite(
    lake: Lake,
    name: str,
    change: Callable[[list[Any]], None],
    check: Callable[[TagDefinition | None], None],
    act: tuple[str, str, str | None],
) -> None:
    """Change the file by way of a second one, which is valid before it takes the first one's place."""
    from ruamel.yaml import YAML  # noqa: PLC0415  only a lake with its own tags pays for the parser

    path, yaml = lake.root / LAKE_FILE, YAML()
    load_taxonomy(lake.root)
    before = path.read_text("utf-8") if path.exists() else None
    document = yaml.load(before) if before is not None else {"tags": []}
    change(document["tags"])
    text = io.StringIO()
    yaml.dump(document, text)
    draft = lake.root / f".{LAKE_FILE}.{os.getpid()}"
    draft.mkdir()
    try:
        (draft / LAKE_FILE).write_text(text.getvalue(), "utf-8")
        check(_loaded(draft, path).get(name))
        kind, actor, reason = act
        details = {"tag": name, **({"reason": reason} if reason else {})}
        lake.audit.append(AuditEvent(kind=kind, principal=actor, details=details))
        if (path.read_text("utf-8") if path.exists() else None) != before:
            raise InvalidTaxonomyError(path, "somebody changed it meanwhile")
        (draft / LAKE_FILE).replace(path)
    finally:
        (draft / LAKE_FILE).unlink(missing_ok=True)
        draft.rmdir()


def _loaded(draft: Path, path: Path) -> dict[str, TagDefinition]:
    try:
        return {each.name: each for each in load_taxonomy(draft).all()}
    except InvalidTaxonomyError as error:
        raise InvalidTaxonomyError(path, error.fault) from None
