"""Which tags travel from sources to outputs: a pure function of edges and the sources' tags.

What reaches an output keeps its tags, unless the operation took away what the tag is about:

| what is left of the value | identifiers (`phi`, `pii`, `study_id`, `link`) and `role` | every other tag |
|---|---|---|
| the value, part of it, an unkeyed hash, anything unknown | keep | keep |
| a keyed pseudonym | `phi` becomes `phi.unique`, `role.direct` becomes `role.quasi`, others keep | keep |
| year, three ZIP digits, 90 and older, by the rule exactly | `phi.date`, `phi.geo` go; `role.quasi` | keep |
| a count | go; `derived.aggregate` | keep |
| a fixed value or NULL: no edge | go | go |

What only decides an output makes it tell of that: every tag travels but the identifiers, and where a row
or a value
was picked by a column that is sensitive in itself, `role.sensitive` too. Held equal to one value of an
identifier, the
output is about one person: `phi.unique`, `role.direct`. Tags of axes that nobody knows here travel.

`sensitivity.none` is said by a person, so it holds for an output only if it was said of every source that
reaches it
(of every source that decides it, when none does) and no sensitive tag arrived beside it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from lakeward.lineage.edges import ColumnLineage, Edge, Kind, Source, Strength

Tags = frozenset[str]
SourceTags = Mapping[Source, Collection[str]]

NONE: Final = "sensitivity.none"
_NOTHING: Final[Tags] = frozenset()
_IDENTIFYING: Final = frozenset({"phi", "pii", "study_id", "link"})
_IDENTITY_ROLES: Final = frozenset({"role.direct", "role.quasi"})
_TELLING: Final = frozenset({"health", "genomic", "gdpr9", "hl7", "cfr202"})
_PICKING: Final = frozenset({"FILTER", "CONDITIONAL", "JOIN", "SORT"})
_INSENSITIVE: Final = frozenset({"origin", "license", "sensitivity"})
_ABOUT_ONE_PERSON: Final = frozenset({"phi.unique", "role.direct"})


def propagate(lineage: ColumnLineage, source_tags: SourceTags) -> dict[str, Tags]:
    """Give the tags of every output column; one that no tag reaches has none, which hides it.

    Args:
        lineage: The edges; those of the whole output count for every column.
        source_tags: The effective tags of every source, by folded name; a source left out has none.
    """
    whole = [edge for edge in lineage.edges if not edge.output]
    by_output: dict[str, list[Edge]] = {name.casefold(): list(whole) for name in lineage.outputs}
    for edge in lineage.edges:
        if edge.output:
            by_output.setdefault(edge.output.casefold(), list(whole)).append(edge)
    return {name: _arriving(by_output[name.casefold()], source_tags) for name in lineage.outputs}


def stricter(tags: Collection[str], declared: Collection[str]) -> Tags:
    """Join two sets of tags; `sensitivity.none` gives way to a sensitive tag, whoever said it."""
    return _settled(frozenset(tags) | frozenset(declared))


def _arriving(edges: Iterable[Edge], source_tags: SourceTags) -> Tags:
    claimed = [(edge, frozenset(source_tags.get(edge.source, ()))) for edge in edges]
    direct = [(edge, tags) for edge, tags in claimed if edge.kind is Kind.DIRECT]
    arrived = _NOTHING.union(*(_carried(edge, tags) for edge, tags in direct))
    told = _NOTHING.union(*(_told(edge, tags) for edge, tags in claimed if edge.kind is Kind.INDIRECT))
    said_of = direct or claimed
    is_none = bool(said_of) and all(NONE in tags for _, tags in said_of)
    return _settled((arrived | told) - {NONE} | ({NONE} if is_none else _NOTHING))


def _settled(tags: Tags) -> Tags:
    return tags - {NONE} if any(_axis(tag) not in _INSENSITIVE for tag in tags) else tags


def _carried(edge: Edge, tags: Tags) -> Tags:
    """Give what a direct edge carries."""
    match edge.strength:
        case Strength.FULL:
            return _NOTHING
        case Strength.COUNT:
            return _without_identity(tags) | {"derived.aggregate"}
        case Strength.KEYED:
            return frozenset(_pseudonymous(tag) for tag in tags)
        case Strength.RULE:
            general = tags - {"phi.date", "phi.geo"}
            return general | {"role.quasi"} if general != tags else tags
        case _:
            return tags


def _told(edge: Edge, tags: Tags) -> Tags:
    """Give what an output tells of a column that only decides it."""
    told = _without_identity(tags)
    if edge.subtype in _PICKING and any(_axis(tag) in _TELLING for tag in told):
        told |= {"role.sensitive"}
    if edge.is_single and not edge.masking and _is_direct_identifier(tags):
        told |= _ABOUT_ONE_PERSON
    return told


def _without_identity(tags: Tags) -> Tags:
    return frozenset(tag for tag in tags if _axis(tag) not in _IDENTIFYING) - _IDENTITY_ROLES


def _pseudonymous(tag: str) -> str:
    if _axis(tag) == "phi":
        return "phi.unique"
    return "role.quasi" if tag == "role.direct" else tag


def _is_direct_identifier(tags: Tags) -> bool:
    quasi = {"phi.date", "phi.geo"}
    return "role.direct" in tags or any(
        _axis(tag) in {"phi", "study_id", "link"} and tag not in quasi for tag in tags
    )


def _axis(tag: str) -> str:
    return tag.partition(".")[0]
