"""The closed vocabulary of tags: what ships with lakeward, and what a lake adds in `taxonomy.yaml`."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lakeward.catalog.errors import InputError

LAKE_FILE = "taxonomy.yaml"
NONE = "sensitivity.none"

_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*\Z")
_FIELDS = frozenset(
    {"title", "source", "citation", "letter", "rule", "role", "classifies", "sensitive", "threshold", "unit"}
)


class UnknownTagError(InputError):
    """A tag that the taxonomy does not hold."""

    code = "unknown-tag"

    def __init__(self, received: str, nearest: Iterable[str]) -> None:
        near = ", ".join(nearest)
        super().__init__(
            f"The taxonomy holds no tag {received!r}." + (f" The nearest are: {near}." if near else ""),
            hint=f"List the tags with `lakeward tag taxonomy`, or add your own to {LAKE_FILE} in the lake's "
            "folder.",
        )


class InvalidTaxonomyError(InputError):
    """A `taxonomy.yaml` that cannot be used."""

    code = "invalid-taxonomy"

    def __init__(self, path: Path, fault: str) -> None:
        self.fault = fault
        super().__init__(
            f"{path} is not a valid taxonomy: {fault}.",
            hint="It holds `tags:`, a list of mappings with `name`, `title`, and optionally `source`, "
            "`classifies` and "
            "`sensitive`.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TagDefinition:
    """What one tag means.

    Attributes:
        name: `axis.value`, or an axis that has no values.
        title: What a column with this tag holds.
        source: Where the tag comes from, and under which terms.
        classifies: Whether the tag alone says what a column is, so that it is no longer hidden as
            unclassified.
        sensitive: Whether `sensitivity.none` gives way to it.
        citation: The place in the law, standard or ontology.
        letter: The identifier's letter in HIPAA's Safe Harbor list.
        rule: What the source asks for, in our words.
        role: How the tag bears on identity: direct, quasi, sensitive or none.
        threshold: The number of persons or devices (`unit`) above which 28 CFR 202 applies.
        more: What else the source says: examples, parent, law, code.
    """

    name: str
    title: str
    source: str
    classifies: bool
    sensitive: bool
    citation: str | None = None
    letter: str | None = None
    rule: str | None = None
    role: str | None = None
    threshold: int | None = None
    unit: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def axis(self) -> str:
        """The part of the name before the first dot."""
        return self.name.partition(".")[0]


class Taxonomy:
    """Tag definitions by name."""

    def __init__(self, definitions: Mapping[str, TagDefinition]) -> None:
        self._definitions = definitions
        self.classifying = frozenset(name for name, each in definitions.items() if each.classifies)
        self.sensitive = frozenset(name for name, each in definitions.items() if each.sensitive)

    def get(self, tag: str) -> TagDefinition | None:
        """Give a tag's definition, or None."""
        return self._definitions.get(tag)

    def require(self, tag: str) -> TagDefinition:
        """Give a tag's definition.

        Raises:
            UnknownTagError: There is none; the error names the nearest.
        """
        found = self._definitions.get(tag)
        if found is None:
            raise UnknownTagError(tag, difflib.get_close_matches(tag, self._definitions, n=3, cutoff=0.5))
        return found

    def all(self) -> tuple[TagDefinition, ...]:
        """Give every definition, ordered by name."""
        return tuple(self._definitions[name] for name in sorted(self._definitions))


def load_taxonomy(root: Path | None = None) -> Taxonomy:
    """Load the shipped taxonomy, and what the lake in `root` adds to it.

    Raises:
        InvalidTaxonomyError: The lake's own file cannot be used.
    """
    shipped = _shipped()
    path = root / LAKE_FILE if root else None
    if path is None or not path.exists():
        return Taxonomy(shipped)
    return Taxonomy({**shipped, **{each.name: each for each in _own(path, shipped)}})


@cache
def _shipped() -> Mapping[str, TagDefinition]:
    sheets = sorted(files(__name__).joinpath("data").iterdir(), key=lambda each: each.name)
    return {each.name: each for sheet in sheets for each in _sheet(json.loads(sheet.read_text("utf-8")))}


def _sheet(raw: Mapping[str, Any]) -> Iterator[TagDefinition]:
    shared = {key: raw[key] for key in ("source", "rule", "classifies", "sensitive") if key in raw}
    return (_definition({**shared, **tag}) for tag in raw["tags"])


def _definition(raw: Mapping[str, Any]) -> TagDefinition:
    known = {key: value for key, value in raw.items() if key in _FIELDS}
    more = {key: value for key, value in raw.items() if key not in _FIELDS and key != "name"}
    return TagDefinition(name=raw["name"], more=more, **known)


def _own(path: Path, shipped: Mapping[str, TagDefinition]) -> Iterator[TagDefinition]:
    document = _read_yaml(path)
    tags = document.get("tags") if isinstance(document, dict) else None
    if not isinstance(tags, list):
        raise InvalidTaxonomyError(path, "there is no list `tags`")
    parents: dict[str, str] = {}
    for number, raw in enumerate(tags, 1):
        definition = _definition(_checked(path, number, raw))
        before = shipped.get(definition.name)
        if before and _is_weaker(definition, before):
            raise InvalidTaxonomyError(
                path, f"tag {number}: {definition.name} ships with lakeward and may only be made stricter"
            )
        if "parent" in definition.more:
            parents[definition.name] = str(definition.more["parent"])
        yield definition
    names = {each["name"] for each in tags}
    _check_parents(path, parents, shipped, names)


def _check_parents(
    path: Path, parents: Mapping[str, str], shipped: Mapping[str, TagDefinition], own: set[str]
) -> None:
    """Refuse a tag under one that there is not, or under itself in the end."""
    above = {name: str(each.more["parent"]) for name, each in shipped.items() if "parent" in each.more}
    above |= parents
    for name, parent in parents.items():
        if parent not in shipped and parent not in own:
            raise InvalidTaxonomyError(path, f"the parent of {name} is no tag")
        seen = [name]
        while (higher := above.get(seen[-1])) is not None:
            seen.append(higher)
            if higher in seen[:-1]:
                raise InvalidTaxonomyError(path, f"its parents go in a circle: {' > '.join(seen)}")


def _is_weaker(new: TagDefinition, shipped: TagDefinition) -> bool:
    return (new.classifies and not shipped.classifies) or (shipped.sensitive and not new.sensitive)


def _checked(path: Path, number: int, raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str) or not _NAME.match(raw["name"]):
        raise InvalidTaxonomyError(path, f"tag {number} has no `name` of lower-case words joined by dots")
    if unknown := set(raw) - _FIELDS - {"name", "examples", "parent"}:
        raise InvalidTaxonomyError(path, f"tag {number}: unknown `{min(map(str, unknown))}`")
    whole = {"title": raw["name"], "source": str(path.name), "classifies": True, "sensitive": True, **raw}
    if not all(isinstance(whole[key], bool) for key in ("classifies", "sensitive")):
        raise InvalidTaxonomyError(path, f"tag {number}: `classifies` and `sensitive` are true or false")
    return whole


def _read_yaml(path: Path) -> object:
    from ruamel.yaml import YAML  # noqa: PLC0415  only a lake with its own tags pays for the parser
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        document: object = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (YAMLError, OSError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidTaxonomyError(
            path, f"line {mark.line + 1} is no YAML" if mark else "it cannot be read"
        ) from None
    return document
