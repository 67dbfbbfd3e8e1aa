"""A contract as values: what ODCS says, under names that the rest of the room uses.

Only a file that its own official schema accepts becomes a `Contract`, so nothing here asks again whether a
key has the right type. Nodes keep their pointer into the file: every rule made of one can be shown at its
line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeward.contracts.errors import InvalidContractError
from lakeward.contracts.lint import lint_source
from lakeward.contracts.source import Pointer, Source, read_source

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """One mapping of the file, and where it stands."""

    raw: Raw
    pointer: Pointer

    def children(self, key: str) -> tuple["Node", ...]:
        """Give the mappings in the list under `key`, in order."""
        held = self.raw.get(key) or []
        if not isinstance(held, list):
            return ()
        nodes = (Node(each, (*self.pointer, key, i)) for i, each in enumerate(held) if isinstance(each, dict))
        return tuple(nodes)

    def text(self, key: str) -> str | None:
        """Give the text under `key`, or None."""
        value = self.raw.get(key)
        return value if isinstance(value, str) and value else None

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of this node."""
        return tuple(str(tag) for tag in self.raw.get("tags") or ())

    @property
    def custom(self) -> Mapping[str, tuple[Any, Pointer]]:
        """The custom properties of this node: name -> (value, pointer)."""
        nodes = self.children("customProperties")
        return {
            str(node.raw["property"]): (node.raw.get("value"), node.pointer)
            for node in nodes
            if "property" in node.raw
        }

    @property
    def physical_name(self) -> str:
        """What the thing is called in the lake."""
        return self.text("physicalName") or self.text("name") or ""


@dataclass(frozen=True, slots=True)
class Property(Node):
    """A column of the contract, or a field of a nested one."""

    parents: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """The physical names from the column down to this field."""
        return (*self.parents, self.physical_name)

    @property
    def label(self) -> str:
        """The name in reports: `address.city`."""
        return ".".join((*self.parents, str(self.raw["name"])))

    def fields(self) -> Iterator["Property"]:
        """Give this property and every one nested in it, outermost first."""
        yield self
        for node in self.children("properties"):
            yield from Property(node.raw, node.pointer, self.path).fields()


@dataclass(frozen=True, slots=True)
class SchemaObject(Node):
    """A table of the contract."""

    @property
    def columns(self) -> tuple[Property, ...]:
        """The top-level properties, in order."""
        return tuple(Property(node.raw, node.pointer) for node in self.children("properties"))

    @property
    def properties(self) -> tuple[Property, ...]:
        """All properties, nested ones after the one that holds them."""
        return tuple(field for column in self.columns for field in column.fields())


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """A valid ODCS contract.

    Attributes:
        id: The contract's id.
        version: The contract's own version, a semantic version by convention.
        api_version: The version of the standard it is written in.
        root: The whole file.
        source: The file's values and marks.
    """

    id: str
    version: str
    api_version: str
    root: Node
    source: Source

    @property
    def path(self) -> str:
        """The file it was read from."""
        return self.source.path

    @property
    def objects(self) -> tuple[SchemaObject, ...]:
        """The tables that the contract describes."""
        return tuple(SchemaObject(node.raw, node.pointer) for node in self.root.children("schema"))

    @property
    def minimum_group(self) -> int | None:
        """`kAnonymity` of the contract: counts below it are not told. None when the contract names none."""
        value, _ = self.root.custom.get("kAnonymity", (None, ()))
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 1 else None

    def line(self, pointer: Pointer) -> int:
        """Give the line of a node, or of the nearest one around it."""
        return self.source.mark(pointer).line


def load_contract(path: Path) -> Contract:
    """Read a contract that its own official schema accepts.

    Raises:
        UnreadableContractError: The file cannot be read as YAML.
        InvalidContractError: The official schema rejects it.
    """
    return contract_of(read_source(path))


def contract_of(source: Source) -> Contract:
    """Make a contract of a file that has been read.

    Raises:
        InvalidContractError: The official schema rejects it.
    """
    report = lint_source(source)
    if not report.valid:
        first = report.findings[0]
        raise InvalidContractError(
            source.path, first.message, line=first.line, column=first.column, faults=len(report.findings)
        )
    raw = source.value
    return Contract(
        id=str(raw["id"]),
        version=str(raw["version"]),
        api_version=report.judged_by,
        root=Node(raw, ()),
        source=source,
    )
