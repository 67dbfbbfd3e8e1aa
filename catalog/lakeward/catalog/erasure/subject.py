"""Who is to be erased: the codes that a subject has in the table that says who is who."""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import BooleanExpression
from pyiceberg.expressions.parser import parse
from pyiceberg.table import Table

from lakeward.catalog.errors import InputError
from lakeward.catalog.iceberg import iceberg_errors, load_table
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName

IDENTIFYING = frozenset({"phi.mrn", "phi.unique", "study_id"})
"""Tags of columns that hold a person's code in some system, taken as keys when none is named."""


class InvalidConditionError(InputError):
    """A condition that cannot be read, or does not fit the table."""

    code = "invalid-condition"

    def __init__(self, name: TableName) -> None:
        super().__init__(
            f"The condition cannot be read, or does not fit the columns of {name}. Nothing was done.",
            hint="Write it over columns of the table: `patient_id = 'P-17'`; `and`, `or`, `in` are known.",
        )


class NoSubjectError(InputError):
    """A condition that no row fits, now or in a snapshot that is left; or that finds no key."""

    code = "no-subject"

    def __init__(self, name: TableName, keys: Collection[str]) -> None:
        super().__init__(
            f"No row of {name} fits the condition with a value in {', '.join(sorted(keys)) or 'any key'}; "
            "nothing was done.",
            hint="Check the condition, and name the columns that hold the subject's codes with --key.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom to erase.

    Attributes:
        table: Where the subject was found.
        token: What names it in the record: keyed, so that only the lake can tell who it was.
        codes: Its codes as text, by the folded name of the columns that hold them.
    """

    table: TableName
    token: str
    codes: Mapping[str, frozenset[str]] = field(repr=False)


def find_subject(
    lake: Lake,
    name: TableName,
    where: str,
    keys: Collection[str] = (),
    matches: Mapping[str, str] | None = None,
) -> Subject:
    """Find a subject's codes in the rows of a table that fit a condition, in every snapshot that is left.

    Args:
        lake: The lake.
        name: The table that says who is who.
        where: The condition, in Iceberg's own language of expressions; no SQL.
        keys: The columns that hold codes; by default those with a tag of `IDENTIFYING`.
        matches: Further columns of other tables by name, each with the key whose codes it holds.

    Raises:
        InvalidConditionError: The condition cannot be read.
        NoSubjectError: No row fits.
    """
    table = load_table(lake.iceberg(), name)
    wanted = [each.casefold() for each in keys] or _tagged(lake, name)
    condition = _condition(name, where)
    codes: dict[str, set[str]] = {each: set() for each in wanted}
    current = {each.name.casefold() for each in table.schema().fields}
    if not wanted or not current.issuperset(wanted):
        raise NoSubjectError(name, wanted)
    for snapshot in table.snapshots():
        rows = _rows(name, table, snapshot.snapshot_id, condition)
        if rows is None:
            continue
        for column in rows.column_names:
            if column.casefold() in codes:
                codes[column.casefold()] |= set(as_text(rows[column]).drop_null().to_pylist())
    if not any(codes.values()):
        raise NoSubjectError(name, wanted)
    for column, key in (matches or {}).items():
        codes[column.casefold()] = codes.get(column.casefold(), set()) | codes.get(key.casefold(), set())
    found = {key: frozenset(each) for key, each in codes.items() if each}
    return Subject(table=name, token=_token(lake, found), codes=found)


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give values as text, as codes of different systems are compared."""
    return pc.cast(column, pa.string())


def _condition(name: TableName, where: str) -> BooleanExpression:
    try:
        return parse(where)
    except Exception:  # noqa: BLE001  whatever its parser raises quotes the condition
        raise InvalidConditionError(name) from None


def _rows(name: TableName, table: Table, snapshot_id: int, where: BooleanExpression) -> pa.Table | None:
    """Read what fits in one snapshot; an older one may not have the columns yet."""
    with iceberg_errors(name):
        try:
            return table.scan(where, snapshot_id=snapshot_id, case_sensitive=False).to_arrow()
        except (ValueError, TypeError):
            if snapshot_id == table.metadata.current_snapshot_id:
                raise InvalidConditionError(name) from None
            return None


def _tagged(lake: Lake, name: TableName) -> list[str]:
    return [each.name.casefold() for each in lake.pin(name).columns if each.tags & IDENTIFYING]


def _token(lake: Lake, codes: Mapping[str, frozenset[str]]) -> str:
    text = "\0".join(f"{key}={code}" for key in sorted(codes) for code in sorted(codes[key]))
    return hmac.new(lake.keys.derive("erasure"), text.encode(), hashlib.sha256).hexdigest()[:32]
