"""One statement on its way: what was asked, what was read of the lake, what was decided."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.lake import Lake
from lakeward.catalog.metadata_name import MetadataName
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.metadata_tables import decide_metadata
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.rewrite.resolve import TableReference


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was asked: a text, the time to read at, the values of parameters; `key` tells these apart."""

    text: str
    at: str | None
    values: Sequence[exp.Expr] = ()
    key: Hashable = ()


@dataclass(kw_only=True, slots=True)
class Pins:
    """Every table of one statement, read once: the user's and those that row filters read.

    `is_whole` says that every table that a row filter wants to read could be read.
    """

    lake: Lake
    at: str | None = None
    _pinned: dict[TableName, PinnedTable] = field(default_factory=dict)
    _of_policy: dict[TableName, PinnedTable] = field(default_factory=dict)
    is_whole: bool = True

    def of_user(self, name: TableName) -> PinnedTable:
        """Return a table that the user names, as of the time that the statement asks for."""
        if name not in self._pinned:
            self._pinned[name] = self.lake.pin(name, self.at)
        return self._pinned[name]

    def restricted(
        self, name: TableName, decide: Callable[[PinnedTable], ReadRestrictions]
    ) -> ReadRestrictions:
        """Decide on a table that the user names; on a metadata table by the decision on its table."""
        if isinstance(name, MetadataName):
            return decide_metadata(self.lake, name, decide(self.of_user(name.base)))
        return decide(self.of_user(name))

    def of_policy(self, name: TableName) -> PinnedTable:
        """Return a table that a row filter reads, as it is now: consent is never read from the past."""
        if name not in self._of_policy:
            now = self._pinned.get(name) if self.at is None else None
            try:
                self._of_policy[name] = now or self.lake.pin(name)
            except LakewardError:
                self.is_whole = False
                raise
        return self._of_policy[name]

    def seen(self) -> tuple[dict[TableName, PinnedTable], dict[TableName, PinnedTable]]:
        """Return what was pinned so far: the user's tables, and those of row filters."""
        return dict(self._pinned), dict(self._of_policy)


@dataclass(frozen=True, kw_only=True, slots=True)
class GovernedStatement:
    """An admitted query with the decision on each of its tables.

    `write_bare` makes what a log may keep of its text, once.
    """

    statement_id: str
    text: str
    tree: exp.Query
    write_bare: Callable[[], str]
    references: tuple[TableReference, ...]
    restrictions: Mapping[TableName, ReadRestrictions]
    pins: Pins

    @property
    def bare(self) -> str:
        """What a log may keep of its text: no literal, no parameter."""
        return self.write_bare()
