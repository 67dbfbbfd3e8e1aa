"""The oracle: for a principal, a DuckDB database that holds what they may see and nothing else.

Written apart from the code under test: conditions are asked of plain tables, cells masked in Python, the
union of grants taken cell by cell. A governed answer is right when it is the answer on this copy.
"""

import datetime as dt
import hashlib
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pyarrow as pa
from tests.bypass import hospital
from tests.bypass.hospital import Grant, Mask, Restriction

_OPEN_FIRST = (
    "clear",
    "round",
    "show-last-4",
    "prefix",
    "truncate-to-year",
    "pseudonym",
    "replace-with-null",
    "hidden",
)
"""The order in which a cell's forms are preferred; a floor takes the later of two."""


class Copies:
    """Sanitised copies of one set of raw rows."""

    def __init__(self, made: hospital.Rows, key: str) -> None:
        self.made = made
        self._key = key
        self._tables = hospital.arrow(made)
        self._raw = _database(self._tables)
        self._kept: dict[str, duckdb.DuckDBPyConnection] = {}

    def of(self, principal: str) -> duckdb.DuckDBPyConnection:
        """Return the copy for a principal, as it is to be queried: names as in the lake."""
        if principal not in self._kept:
            shown = {table: self.visible(principal, table) for table in hospital.SCHEMA}
            self._kept[principal] = _database(
                {name: each for name, each in shown.items() if each is not None}
            )
        return self._kept[principal]

    def visible(self, principal: str, table: str) -> pa.Table | None:
        """Return the visible cells of one table; None where it is not there for the principal."""
        grants = [each for each in hospital.GRANTS if each.to in {"*", principal} and each.table == table]
        binding = [r for r in hospital.RESTRICTIONS if r.table == table and principal not in r.spared]
        forms = [_forms(each, binding) for each in grants]
        columns = [name for name in hospital.SCHEMA[table] if any(name in each for each in forms)]
        if not columns:
            return None
        reached = [self._reached(principal, table, each.rows) for each in grants]
        kept = self._kept_rows(principal, table, binding)
        cells: dict[str, list[Any]] = {name: [] for name in columns}
        for number, row in enumerate(self.made[table]):
            mine = [form for form, rows in zip(forms, reached, strict=True) if number in rows]
            if not mine or number not in kept or not any(mine):
                continue
            for name, value in zip(hospital.SCHEMA[table], row, strict=True):
                if name in cells:
                    cells[name].append(self._cell(value, [form[name] for form in mine if name in form]))
        schema = pa.schema([(name, hospital.SCHEMA[table][name]) for name in columns])
        return pa.table(cells, schema=schema)

    def _cell(self, value: Any, forms: list[Mask]) -> Any:  # noqa: ANN401 - any cell
        if not forms:
            return None
        name, argument = min(forms, key=lambda form: _OPEN_FIRST.index(form[0]))
        return None if value is None else _MASKS[name](value, argument, self._key)

    def _kept_rows(self, principal: str, table: str, binding: list[Restriction]) -> set[int]:
        kept = set(range(len(self.made[table])))
        for each in binding:
            kept &= self._reached(principal, table, each.rows)
        return kept

    def _reached(self, principal: str, table: str, condition: str | None) -> set[int]:
        where = _bound(condition or "TRUE", principal)
        found = self._raw.execute(f"SELECT rowid FROM {table} WHERE {where}").fetchall()
        return {row[0] for row in found}


def strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - any cell
    """Every text inside a value."""
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield from strings(key)
                yield from strings(inner)
        case list() | tuple():
            for inner in value:
                yield from strings(inner)
        case _:
            pass


def _forms(grant: Grant, binding: list[Restriction]) -> dict[str, Mask]:
    """The mask of each column that a grant shows, under the floors."""
    forms = {}
    for name, mask in grant.columns.items():
        floors = [each.columns[name] for each in binding if name in each.columns]
        form = max([mask, *floors], key=lambda each: _OPEN_FIRST.index(each[0]))
        if form[0] != "hidden":
            forms[name] = form
    return forms


def _bound(condition: str, principal: str) -> str:
    def attribute(found: re.Match[str]) -> str:
        return f"'{hospital.ATTRIBUTES.get(principal, {}).get(found[1], '')}'"

    return re.sub(r"attribute\('(\w+)'\)", attribute, condition.replace("principal()", f"'{principal}'"))


def _database(tables: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 1})
    con.execute("ATTACH ':memory:' AS lake; CREATE SCHEMA IF NOT EXISTS lake.main; USE lake.main")
    for name, rows in tables.items():
        con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{name.partition('.')[0]}")
        con.register("incoming", rows)
        con.execute(f"CREATE TABLE lake.{name} AS FROM incoming")
        con.unregister("incoming")
    return con


def _year(value: dt.date, _argument: object, _key: str) -> dt.date:
    if isinstance(value, dt.datetime):
        return dt.datetime(value.year, 1, 1)  # noqa: DTZ001 - a column without a zone
    return dt.date(value.year, 1, 1)


def _rounded(value: float, digits: int, _key: str) -> float:
    """Round as SQL does, halves away from zero."""
    return math.copysign(math.floor(abs(value) * 10**digits + 0.5) / 10**digits, value)


def _last_four(value: str, _argument: object, _key: str) -> str:
    if len(value) <= 4:
        return value
    start = "".join("n" if c.isdigit() else c if c in "(),.-@" else "x" for c in value[:-4])
    return start + value[-4:]


def _pseudonym(value: str, _argument: object, key: str) -> str:
    inner = hashlib.sha256(f"{key}{value}".encode()).hexdigest()
    return hashlib.sha256(f"{key}{inner}".encode()).hexdigest()[:32]


_MASKS: dict[str, Callable[[Any, Any, str], Any]] = {
    "clear": lambda value, _argument, _key: value,
    "round": _rounded,
    "show-last-4": _last_four,
    "prefix": lambda value, length, _key: value[:length],
    "truncate-to-year": _year,
    "pseudonym": _pseudonym,
    "replace-with-null": lambda _value, _argument, _key: None,
}
