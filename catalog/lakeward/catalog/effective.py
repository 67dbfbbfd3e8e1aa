"""From the tags that are set to those that count: inheritance, descendants, and what is classified."""

from collections.abc import Callable, Iterator, Mapping

from lakeward.catalog.taxonomy import NONE, Taxonomy
from lakeward.catalog.types import DataType, Field, ListType, MapType, PrimitiveType, StructType

OwnTags = Mapping[str, frozenset[str]]  # by field-id as text, and `TABLE`

TABLE = "table"
_NOTHING: frozenset[str] = frozenset()


def effective_tags(
    field: Field, own: OwnTags, inherited: frozenset[str], taxonomy: Taxonomy
) -> frozenset[str]:
    """Give own, inherited and descendants' tags; `sensitivity.none` gives way to a sensitive one."""
    below = (own.get(str(field_id), _NOTHING) for field_id in field_ids(field))
    tags = inherited.union(*below)
    return tags - {NONE} if tags & taxonomy.sensitive else tags


def is_classified(field: Field, own: OwnTags, inherited: frozenset[str], taxonomy: Taxonomy) -> bool:
    """Whether somebody said what the column holds: on it, on a scope above, or on every leaf below.

    What was said must still count: a column only said to be `sensitivity.none`, which bears a sensitive
    tag that does not say what it is, is not classified.
    """
    classifying = taxonomy.classifying

    def said_of(field_id: int) -> bool:
        return bool(own.get(str(field_id), _NOTHING) & classifying)

    if not effective_tags(field, own, inherited, taxonomy) & classifying:
        return False
    return bool(inherited & classifying) or _covered(field.field_id, field.type, said_of)


def _covered(field_id: int, type_: DataType, said_of: Callable[[int], bool]) -> bool:
    if said_of(field_id):
        return True
    parts = _parts(type_)
    return bool(parts) and all(_covered(each, below, said_of) for _, each, below in parts)


def field_ids(field: Field) -> Iterator[int]:
    """Give the field-id of a column and of everything nested in it."""
    return (field_id for field_id, _ in walk(field).values())


def walk(field: Field) -> dict[str, tuple[int, DataType]]:
    """Give field-id and type by dotted path: the column, then what is nested in it."""
    found: dict[str, tuple[int, DataType]] = {}

    def visit(path: str, field_id: int, type_: DataType) -> None:
        found[path] = (field_id, type_)
        for name, below_id, below in _parts(type_):
            visit(f"{path}.{name}", below_id, below)

    visit(field.name, field.field_id, field.type)
    return found


def _parts(type_: DataType) -> list[tuple[str, int, DataType]]:
    match type_:
        case StructType(fields):
            return [(each.name, each.field_id, each.type) for each in fields]
        case ListType(element_id, element):
            return [("element", element_id, element)]
        case MapType(key_id, key, value_id, value):
            return [("key", key_id, key), ("value", value_id, value)]
        case PrimitiveType():
            return []
