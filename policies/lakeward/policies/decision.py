"""What a principal may read of one table. A decision cannot be built without its reasons."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sqlglot import exp

from lakeward.catalog.errors import DeniedError
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.masks import CLEAR, Mask


class NothingVisibleError(DeniedError):
    """No grant shows the principal anything of a table."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing of that table is there for you, for this purpose.",
            hint="Ask a steward for a grant, and say for which purpose.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RowFilter:
    """A condition on raw values; `predicate` is its tree, not yet bound to a table."""

    id: str
    sql: str
    predicate: exp.Expr


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why a column shows as it does: the grant or restriction that acted, and what it did."""

    id: str
    kind: Literal["grant", "restriction", "default"]
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CellGrant:
    """What one grant shows of a table: rows by a filter, columns by field-id, floors applied."""

    grant_id: str
    row_filter: RowFilter | None
    masks: Mapping[int, Mask]
    study: str | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRestrictions:
    """What a principal may read of one table.

    Attributes:
        table: The table, pinned.
        grants: Every grant that shows a column of it; a cell shows in the least masked form of those that
        reach it.
        row_filters: Those of restrictions; a row shows only where all of them are true.
        reasons: By field-id, why each column shows or does not.
        holds_until: When the next rule begins or ends, one that hides included; None when none does.
    """

    table: PinnedTable
    grants: tuple[CellGrant, ...]
    row_filters: tuple[RowFilter, ...] = ()
    reasons: Mapping[int, tuple[Reason, ...]] = field(default_factory=dict)
    holds_until: dt.datetime | None = field(default=None, compare=False)

    @property
    def visible_columns(self) -> tuple[PinnedColumn, ...]:
        """The columns that at least one grant shows, in the table's order."""
        shown = {field_id for grant in self.grants for field_id in grant.masks}
        return tuple(each for each in self.table.columns if each.field_id in shown)

    @property
    def shows_all(self) -> bool:
        """Whether every row of the data files shows, and every cell of the visible columns as it is."""
        filters = (*self.row_filters, *(each.row_filter for each in self.grants if each.row_filter))
        masks = {mask for grant in self.grants for mask in grant.masks.values()}
        alike = len({frozenset(grant.masks) for grant in self.grants}) == 1
        return not filters and masks <= {CLEAR} and alike and not self.table.holds_deleted

    @property
    def until(self) -> dt.datetime | None:
        """When the first of the grants ends, if any does."""
        return min((each.until for each in self.grants if each.until), default=None)
