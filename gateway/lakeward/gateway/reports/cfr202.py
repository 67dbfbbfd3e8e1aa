"""How many persons each category of bulk sensitive data covers, in each dataset and in joins: 28 CFR 202.

A threshold counts persons, whatever was masked (202.206). When categories are combined, the lowest threshold
among them counts (202.205(g)), so that a join can pass one that neither side passes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.iceberg import iceberg_errors, load_table
from lakeward.catalog.lake import Lake
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable
from lakeward.catalog.taxonomy import TagDefinition
from lakeward.gateway.reports.report import Cell, Report, shown, table_names

_KEYS = ("phi.mrn", "study_id", "pii.participant", "phi.unique", "phi.device")
"""Tags of columns that tell persons apart, the best first."""

_NEAR = 0.8
Code = tuple[str, str]

NOTES = (
    "28 CFR 202.205: a threshold is passed by more than so many U.S. persons or devices at any point in the "
    "preceding 12 months. Counted are the persons in the lake now, of whatever country.",
    "Masks, pseudonyms and encryption take nobody out of the count (28 CFR 202.206).",
    "Persons are matched where two tables name them by the same code in columns of one name, or by the "
    "cross-reference that was named.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """A table's categories, and its persons; None where no column tells them apart."""

    name: TableName
    categories: tuple[TagDefinition, ...]
    persons: frozenset[Code] | None = field(repr=False)
    rows: int


def cfr202(
    lake: Lake,
    *,
    link: TableName | None = None,
    matches: Mapping[str, str] | None = None,
    exact: bool = False,
) -> Report:
    """Count the persons of every category in each dataset and in each join of two.

    Args:
        lake: The lake.
        link: The table that says who is who: columns of one row hold codes of one person.
        matches: Columns of other tables by name, each with the column of `link` whose codes it holds.
        exact: Whether counts below 11 are shown.
    """
    people = _People(lake, link, matches or {})
    datasets = [each for name in table_names(lake) if (each := _dataset(lake, name, people))]
    rows = [_row("dataset", (each,), each.persons, exact=exact) for each in datasets]
    for one, other in combinations(datasets, 2):
        both = (one.persons or frozenset()) & (other.persons or frozenset())
        if both and one.categories != other.categories:
            rows.append(_row("join", (one, other), both, exact=exact))
    columns = ("scope", "tables", "categories", "persons", "threshold", "set_by", "status", "citation")
    return Report(title="28 CFR 202 counters", columns=columns, rows=tuple(rows), notes=NOTES)


def _row(
    scope: str, datasets: tuple[Dataset, ...], persons: frozenset[Code] | None, *, exact: bool
) -> tuple[Cell, ...]:
    categories = {each.name: each for dataset in datasets for each in dataset.categories}
    lowest = min(categories.values(), key=lambda each: (each.threshold or 0, each.name))
    limit = lowest.threshold or 0
    count = len(persons) if persons is not None else max(each.rows for each in datasets)
    told = shown(count, exact=exact)
    return (
        scope,
        ", ".join(str(each.name) for each in datasets),
        ", ".join(sorted(categories)),
        told if persons is not None else f"at most {told}",
        limit,
        lowest.name,
        "over" if count > limit else "near" if count > _NEAR * limit else "below",
        (lowest.citation or "") if len(categories) == 1 else "28 CFR 202.205(g)",
    )


def _dataset(lake: Lake, name: TableName, people: "_People") -> Dataset | None:
    """Read a table's categories and persons; None where it has no category or cannot be read."""
    try:
        table = lake.pin(name)
    except LakewardError:
        return None
    tags = table.tags.union(*(each.tags for each in table.columns))
    found = (lake.taxonomy.get(tag) for tag in sorted(tags) if tag.startswith("cfr202."))
    categories = tuple(each for each in found if each and each.threshold)
    if not categories:
        return None
    key = _key(table)
    persons = frozenset(people.of(name, key)) if key else None
    return Dataset(name=name, categories=categories, persons=persons, rows=_rows(lake, name))


def _key(table: PinnedTable) -> str | None:
    for tag in _KEYS:
        for column in table.columns:
            if tag in column.tags:
                return column.name
    return None


def _rows(lake: Lake, name: TableName) -> int:
    with iceberg_errors(name):
        return int(load_table(lake.iceberg(), name).scan().count())


class _People:
    """Who is who: codes that one row of the cross-reference holds are of one person."""

    def __init__(self, lake: Lake, link: TableName | None, matches: Mapping[str, str]) -> None:
        self._lake = lake
        self._matches = {column.casefold(): key.casefold() for column, key in matches.items()}
        self._same: dict[Code, Code] = {}
        if link is not None:
            columns = [each.name for each in lake.pin(link).columns if each.tags & set(_KEYS)]
            for codes in zip(*(list(self._codes(link, each)) for each in columns), strict=True):
                known = [each for each in codes if each]
                for one, other in pairwise(known):
                    self._same[self._first(other)] = self._first(one)

    def of(self, name: TableName, column: str) -> Iterator[Code]:
        """Give the persons that a column of a table names."""
        return (self._first(code) for code in set(self._codes(name, column)) if code)

    def _codes(self, name: TableName, column: str) -> Iterator[Code | None]:
        domain = self._matches.get(column.casefold(), column.casefold())
        table = load_table(self._lake.iceberg(), name)
        with iceberg_errors(name):
            for batch in table.scan(selected_fields=(column,)).to_arrow_batch_reader():
                for value in batch.column(0).to_pylist():
                    yield None if value is None else (domain, str(value))

    def _first(self, code: Code) -> Code:
        while code in self._same and self._same[code] != code:
            code = self._same[code]
        return code
