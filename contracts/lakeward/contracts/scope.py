"""What the clauses of one contract are compiled against: one schema object, one pinned table, one moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from lakeward.catalog.names import InvalidTableNameError, TableName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.catalog.types import DataType, Field, PrimitiveType, StructType
from lakeward.contracts.document import Contract, Property, SchemaObject
from lakeward.contracts.errors import ContractTableError
from lakeward.contracts.predicates import column
from lakeward.contracts.rules import Rule, Status
from lakeward.contracts.source import Pointer


@dataclass(frozen=True, slots=True)
class Target:
    """A property of the contract and the field of the table that it speaks of.

    Attributes:
        prop: The property.
        column: The top-level column that holds the field; None when the table has none.
        field: The field itself; None when the table has none.
        path: The names, as the table spells them, from the column down to the field.
    """

    prop: Property
    column: PinnedColumn | None
    field: Field | None
    path: tuple[str, ...] = ()

    @property
    def type(self) -> DataType | None:
        """The field's type."""
        return self.field.type if self.field else None

    @property
    def value(self) -> exp.Expr:
        """The field as an expression over `t`."""
        return column(self.path)

    def rule(self, kind: str, *, at: str | None = None) -> Rule:
        """Make a rule about this property; `at` is the key in it where the clause stands, if not `kind`."""
        label = self.prop.label
        key = kind if at is None else at
        pointer = (*self.prop.pointer, *key.split("/")) if key else self.prop.pointer
        return Rule(id=f"{label}.{kind}", kind=kind, column=label, pointer=pointer)

    def unenforced(self, kind: str, reason: str, *, at: str | None = None) -> Rule:
        """Make a rule that is listed and never run."""
        return self.rule(kind, at=at).settle(Status.NOT_ENFORCED, reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """One contract, the object in it that describes the table, the table, and the moment of the check."""

    contract: Contract
    object: SchemaObject
    table: PinnedTable
    now: datetime

    def targets(self) -> Iterator[Target]:
        """Give every property of the object with the field that it speaks of."""
        return (self.target(each) for each in self.object.properties)

    def target(self, prop: Property) -> Target:
        """Find a property's field: by its name, else by the field-id that the contract gives it."""
        head = self.table.column(prop.path[0]) or self._by_field_id(prop)
        if head is None:
            return Target(prop, None, None)
        field, path = _descend(head, prop.path[1:])
        return Target(prop, head, field, path)

    def _by_field_id(self, prop: Property) -> PinnedColumn | None:
        wanted = field_id_of(prop)
        held = (each for each in self.table.columns if wanted is not None and each.field_id == wanted)
        return next(held, None) if len(prop.path) == 1 else None

    def table_rule(self, kind: str, pointer: Pointer) -> Rule:
        """Make a rule about the whole table."""
        label = self.object.raw.get("name", self.table.name.table)
        return Rule(id=f"{label}.{kind}", kind=kind, pointer=pointer)


def field_id_of(prop: Property) -> int | None:
    """Give the Iceberg field-id that a contract ties a property to."""
    value, _ = prop.custom.get("icebergFieldId", (None, ()))
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


def _descend(head: PinnedColumn, names: tuple[str, ...]) -> tuple[Field | None, tuple[str, ...]]:
    field: Field | None = head.field
    path: tuple[str, ...] = (head.name,)
    for name in names:
        inner = field.type if field else None
        fields = inner.fields if isinstance(inner, StructType) else ()
        field = next((each for each in fields if each.name.casefold() == name.casefold()), None)
        path = (*path, field.name) if field else path
    return field if len(path) == len(names) + 1 else None, path


def find_object(contract: Contract, table: PinnedTable) -> SchemaObject:
    """Find what the contract says of a table: by its name, or the only object there is.

    Raises:
        ContractTableError: There are several and none has the table's name.
    """
    wanted = {str(table.name), table.name.table}
    for each in contract.objects:
        if wanted & {each.physical_name.casefold(), str(each.raw.get("name", "")).casefold()}:
            return each
    if len(contract.objects) == 1 and "." not in contract.objects[0].physical_name:
        return contract.objects[0]
    raise ContractTableError(
        contract.path, str(table.name), [each.physical_name for each in contract.objects]
    )


def table_of(contract: Contract) -> TableName:
    """Give the table that a contract of one table names as `namespace.table`.

    Raises:
        ContractTableError: It describes several tables, or its physicalName is no full name.
    """
    described = [each.physical_name for each in contract.objects]
    try:
        [name] = described
        return TableName.parse(name)
    except (ValueError, InvalidTableNameError):
        raise ContractTableError(contract.path, "namespace.table", described) from None


def is_primitive(type_: DataType | None, *names: str) -> bool:
    """Say whether a type is a primitive of one of these names, or any primitive when none is given."""
    return isinstance(type_, PrimitiveType) and (not names or type_.name in names)
