"""Column types as Iceberg spells them, as small immutable values.

Source: Iceberg table spec, Schemas and Data Types, Appendix C (JSON serialization). Kept apart from pyiceberg
so that pinning a table, which every query does, costs no import of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeward.catalog.errors import UnavailableError

_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)\Z")
_FIXED = re.compile(r"fixed\[(\d+)\]\Z")
_PRIMITIVES = frozenset(
    {
        "boolean", "int", "long", "float", "double", "date", "time", "timestamp", "timestamptz", "string",
        "uuid", "binary",
    }
)  # fmt: skip


class UnknownTypeError(UnavailableError):
    """A table holds a type that lakeward does not read."""

    code = "unknown-type"

    def __init__(self) -> None:
        super().__init__(
            "The table's schema holds a type that lakeward does not know; it reads the types of Iceberg "
            "format "
            "version 2.",
            hint="Write the table in format version 2.",
        )


@dataclass(frozen=True, slots=True)
class PrimitiveType:
    """A type without parts. `name` is Iceberg's word; `decimal` has precision and scale, `fixed` a length."""

    name: str
    precision: int | None = None
    scale: int | None = None
    length: int | None = None

    def __str__(self) -> str:
        if self.name == "decimal":
            return f"decimal({self.precision}, {self.scale})"
        return f"fixed[{self.length}]" if self.name == "fixed" else self.name


@dataclass(frozen=True, slots=True)
class ListType:
    """A list; its element has a field-id of its own."""

    element_id: int
    element: "DataType"

    def __str__(self) -> str:
        return f"list<{self.element}>"


@dataclass(frozen=True, slots=True)
class MapType:
    """A map; its key and its value have field-ids of their own."""

    key_id: int
    key: "DataType"
    value_id: int
    value: "DataType"

    def __str__(self) -> str:
        return f"map<{self.key}, {self.value}>"


@dataclass(frozen=True, slots=True)
class Field:
    """A named field of a table or struct."""

    field_id: int
    name: str
    type: "DataType"
    required: bool = False
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class StructType:
    """A struct of fields."""

    fields: tuple[Field, ...]

    def __str__(self) -> str:
        return f"struct<{', '.join(f'{f.name}: {f.type}' for f in self.fields)}>"


DataType = PrimitiveType | ListType | MapType | StructType


def parse_schema(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """Read the fields of one Iceberg schema in its JSON form, in order.

    Raises:
        UnknownTypeError: A type is none of format version 2.
    """
    return tuple(_field(each) for each in schema["fields"])


def _field(raw: Mapping[str, Any]) -> Field:
    return Field(raw["id"], raw["name"], parse_type(raw["type"]), bool(raw["required"]), raw.get("doc"))


def parse_type(raw: str | Mapping[str, Any]) -> DataType:
    """Read one type in its JSON form.

    Raises:
        UnknownTypeError: It is none of format version 2.
    """
    if isinstance(raw, str):
        return _primitive(raw)
    match raw.get("type"):
        case "struct":
            return StructType(parse_schema(raw))
        case "list":
            return ListType(raw["element-id"], parse_type(raw["element"]))
        case "map":
            return MapType(raw["key-id"], parse_type(raw["key"]), raw["value-id"], parse_type(raw["value"]))
        case _:
            raise UnknownTypeError


def _primitive(text: str) -> PrimitiveType:
    if text in _PRIMITIVES:
        return PrimitiveType(text)
    if decimal := _DECIMAL.match(text):
        return PrimitiveType("decimal", precision=int(decimal[1]), scale=int(decimal[2]))
    if fixed := _FIXED.match(text):
        return PrimitiveType("fixed", length=int(fixed[1]))
    raise UnknownTypeError
