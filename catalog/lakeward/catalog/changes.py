"""Changes of a table's columns, many in one commit; tags, masks and lineage follow the field-ids."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pyiceberg.exceptions import ValidationError
from pyiceberg.table import Transaction
from pyiceberg.table.update.schema import UpdateSchema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    StringType,
    TimestampType,
    TimestamptzType,
    TimeType,
)

from lakeward.catalog.commit import Act, change_table, fields_of
from lakeward.catalog.context import paths_of
from lakeward.catalog.errors import InputError
from lakeward.catalog.ingest.columns import check_names
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.tags import UnknownColumnError

_DECIMAL = re.compile(r"decimal\((\d{1,2}), ?(\d{1,2})\)\Z")
_LIST = re.compile(r"list<(.+)>\Z")
_LARGEST_DECIMAL = 38
_METRICS = "write.metadata.metrics.column."
_TYPES: Mapping[str, Callable[[], IcebergType]] = {
    "boolean": BooleanType, "int": IntegerType, "long": LongType, "float": FloatType, "double": DoubleType,
    "date": DateType, "time": TimeType, "timestamp": TimestampType, "timestamptz": TimestamptzType,
    "string": StringType, "binary": BinaryType,
}  # fmt: skip


class InvalidChangeError(InputError):
    """A change of columns that Iceberg does not allow."""

    code = "invalid-change"

    def __init__(self, name: TableName, what: str) -> None:
        super().__init__(
            f"{name} was not changed: {what}.",
            hint="See its columns with `lakeward table show`. A type may grow: int to long, float to double, "
            "a decimal to more digits. A new name must be free.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Alteration:
    """What to change, in this order; a path is what the column is called when its turn comes.

    Attributes:
        drop: Paths of columns to drop.
        rename: New names by path; the last part of the path changes.
        retype: Wider types by path.
        add: Types of new columns by path.
        first: Paths of columns to bring to the front of the table or of their struct.
        after: Paths to move, each behind another one in the same struct.
        doc: Comments by path.
    """

    drop: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    retype: Mapping[str, str] = field(default_factory=dict)
    add: Mapping[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    after: Mapping[str, str] = field(default_factory=dict)
    doc: Mapping[str, str] = field(default_factory=dict)


def alter_table(
    lake: Lake, name: TableName, wanted: Alteration, *, actor: str, reason: str | None = None
) -> None:
    """Change the columns of a table in one commit.

    Tags stay with their columns. A new column is unclassified, hence hidden, also in a table that bears a tag
    as a whole; one that is dropped and added again is a new one.

    Raises:
        UnknownColumnError: A path leads nowhere.
        InvalidChangeError: Iceberg does not allow a change.
        UnsupportedColumnError: A new name is one that no table may hold.
        ConflictError: Other writers were first every time.
    """
    types = {path: read_type(name, path, text) for path, text in {**wanted.retype, **wanted.add}.items()}

    def stage(transaction: Transaction) -> None:
        before = paths_of(fields_of(transaction))
        for what, path, step in _steps(wanted, types):
            _take(transaction, name, (what, path), step)
        after = fields_of(transaction)
        check_names(after)
        _follow_metrics(transaction, before, paths_of(after))

    act = Act(kind="table.alter", actor=actor, reason=reason, details={"changes": _told(wanted)})
    change_table(lake, name, act, stage=stage)


def read_type(name: TableName, path: str, text: str) -> IcebergType:
    """Read a type as `table create` spells it, or `list<TYPE>`.

    Raises:
        InvalidChangeError: It is none.
    """
    if listed := _LIST.match(text):
        return ListType(element_id=0, element=read_type(name, path, listed[1]), element_required=False)
    decimal = _DECIMAL.match(text)
    if decimal and 1 <= int(decimal[1]) <= _LARGEST_DECIMAL and int(decimal[2]) <= int(decimal[1]):
        return DecimalType(int(decimal[1]), int(decimal[2]))
    if text not in _TYPES:
        known = ", ".join([*_TYPES, "decimal(P, S)", "list<TYPE>"])
        raise InvalidChangeError(name, f"the type for {path!r} is none of {known}")
    return _TYPES[text]()


Step = Callable[[UpdateSchema], object]


def _steps(wanted: Alteration, types: Mapping[str, IcebergType]) -> list[tuple[str, str, Step]]:
    parts = {path: tuple(path.split(".")) for path in wanted.add}
    return [
        *(("drop", path, lambda u, p=path: u.delete_column(p)) for path in wanted.drop),
        *(("rename", p, lambda u, p=p, n=n: u.rename_column(p, n)) for p, n in wanted.rename.items()),
        *(("retype", path, lambda u, p=path: u.update_column(p, types[p])) for path in wanted.retype),
        *(("add", path, lambda u, p=path: u.add_column(parts[p], types[p])) for path in wanted.add),
        *(("move", path, lambda u, p=path: u.move_first(p)) for path in wanted.first),
        *(("move", path, lambda u, p=path, o=o: u.move_after(p, o)) for path, o in wanted.after.items()),
        *(("doc", path, lambda u, p=path, d=d: u.update_column(p, doc=d)) for path, d in wanted.doc.items()),
    ]  # fmt: skip


def _take(transaction: Transaction, name: TableName, step: tuple[str, str], change: Step) -> None:
    what, path = step
    fields = fields_of(transaction)
    known = set(paths_of(fields).values())
    if path not in known if what != "add" else "." in path and path.rpartition(".")[0] not in known:
        raise UnknownColumnError(name, path, [each.name for each in fields])
    if what == "drop" and [each.name for each in fields] == [path]:
        raise InvalidChangeError(name, f"{path!r} is its last column")
    try:
        with transaction.update_schema() as update:
            change(update)
    except (ValueError, TypeError, ValidationError):
        raise InvalidChangeError(name, f"Iceberg does not allow to {what} {path!r} like that") from None


def _follow_metrics(transaction: Transaction, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Let settings that Iceberg keeps by a column's name follow it: they keep values out of metadata."""
    present = transaction.table_metadata.properties
    moved = {path: after.get(key) for key, path in before.items() if after.get(key) != path}
    held = {path: present[_METRICS + path] for path in moved if _METRICS + path in present}
    if held:
        transaction.remove_properties(*(_METRICS + path for path in held))
        new = {_METRICS + str(moved[path]): value for path, value in held.items() if moved[path]}
        if new:
            transaction.set_properties(new)


def _told(wanted: Alteration) -> list[str]:
    return [
        *(f"drop {path}" for path in wanted.drop),
        *(f"rename {path} to {new}" for path, new in wanted.rename.items()),
        *(f"retype {path} to {new}" for path, new in wanted.retype.items()),
        *(f"add {path}" for path in wanted.add),
        *(f"move {path} first" for path in wanted.first),
        *(f"move {path} after {other}" for path, other in wanted.after.items()),
        *(f"describe {path}" for path in wanted.doc),
    ]
