"""How much of a lake somebody has classified, by namespace."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lakeward.catalog.errors import CheckFailedError
from lakeward.catalog.lake import Lake
from lakeward.catalog.tag_index import current_index


class CoverageError(CheckFailedError):
    """Fewer columns are classified than was asked for, or a table cannot be read."""

    code = "coverage"

    def __init__(self, least: float, below: Sequence[str]) -> None:
        super().__init__(
            f"Fewer than {least:g} % of the columns are classified, or a table cannot be read, in: "
            f"{', '.join(below)}.",
            hint="List what is hidden with `lakeward table list`, then use `lakeward tag set`.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How many columns of a namespace are classified; `refused` counts tables that cannot be read."""

    namespace: str
    tables: int
    refused: int
    columns: int
    classified: int

    @property
    def percent(self) -> float:
        """The share of classified columns, rounded down to a tenth; of no columns, all."""
        return int(1000 * self.classified / self.columns) / 10 if self.columns else 100.0

    def reaches(self, least: float) -> bool:
        """Whether enough is classified, and every table can be read."""
        return not self.refused and self.percent >= least


def tag_coverage(lake: Lake, namespace: str | None = None) -> list[Coverage]:
    """Count the columns and the classified ones of every namespace, or of one."""
    index = current_index(lake)
    tables: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for each in index.tables.values():
        tables[each.name.namespace].append((each.columns, each.classified))
    refused = [name.namespace for name in index.refused]
    names = sorted({*tables, *refused} if namespace is None else {namespace})
    return [
        Coverage(
            namespace=name,
            tables=len(tables[name]) + refused.count(name),
            refused=refused.count(name),
            columns=sum(columns for columns, _ in tables[name]),
            classified=sum(classified for _, classified in tables[name]),
        )
        for name in names
    ]


def require_coverage(found: Sequence[Coverage], least: float) -> None:
    """Hold what was counted to a bar.

    Raises:
        CoverageError: A namespace is below it.
    """
    below = [each.namespace for each in found if not each.reaches(least)]
    if below:
        raise CoverageError(least, below)
