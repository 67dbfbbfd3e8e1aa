"""Governed relations as text: written once, and given again while they mean the same.

What one principal may see of one table is the same whatever the statement asks of it, and most statements ask
for columns that an earlier one asked for. A text is kept for a decision (that very object, which a changed
policy, tag or snapshot replaces), the columns, and who asks with which attributes. It is given again only
while every table that a row filter reads still has the reading that it was written with.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from sqlglot import ErrorLevel, exp

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedColumn, PinnedTable
from lakeward.policies.decision import ReadRestrictions
from lakeward.policies.principal import Principal

MADE_FOR_ONE = "query-local:"
"""Begins the label of a key that is made for one statement."""
_KEPT = 2_000
_LONGEST = 65_536
"""Characters of the longest text that is kept."""

Pin = Callable[[TableName], PinnedTable]
Write = Callable[[Pin], tuple[exp.Select, frozenset[str]]]
"""How to pin what row filters read, to the relation and the labels of the keys that it looks up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenRelation:
    """The text of a governed relation, the labels of its keys, and the tables that its row filters read.

    It holds the decision that it was written for, so that no other object can take that one's identity.
    """

    restrictions: ReadRestrictions
    text: str
    labels: frozenset[str]
    of_policy: Mapping[TableName, PinnedTable]
    may_keep: bool

    def holds(self, pin: Pin) -> bool:
        """Whether row filters would read the very same."""
        try:
            return all(pin(name) == table for name, table in self.of_policy.items())
        except LakewardError:
            return False


class GovernedRelations:
    """Keeps the relations written last; safe to use from several threads."""

    def __init__(self) -> None:
        self._written: OrderedDict[Hashable, WrittenRelation] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self,
        restrictions: ReadRestrictions,
        columns: tuple[PinnedColumn, ...],
        principal: Principal,
        pin: Pin,
        write: Write,
    ) -> WrittenRelation:
        """Return the text of a governed relation.

        Args:
            restrictions: The decision.
            columns: Those wanted.
            principal: Who asks; a row filter may read any attribute.
            pin: Reads a table that a row filter reads, once for the statement.
            write: Makes the relation.
        """
        key = (id(restrictions), tuple(each.field_id for each in columns), identity_of(principal))
        with self._lock:
            found = self._written.get(key)
            if found is not None:
                self._written.move_to_end(key)
        if found is not None and found.holds(pin):
            return found
        written = _written(restrictions, pin, write)
        if written.may_keep:
            with self._lock:
                self._written[key] = written
                while len(self._written) > _KEPT:
                    self._written.popitem(last=False)
        return written


def identity_of(principal: Principal) -> Hashable:
    """Return everything of a principal that a decision or a row filter may depend on."""
    attributes = tuple(sorted((name, repr(value)) for name, value in principal.attributes.items()))
    return principal.name, principal.groups, attributes


def _written(restrictions: ReadRestrictions, pin: Pin, write: Write) -> WrittenRelation:
    of_policy: dict[TableName, PinnedTable] = {}
    missing: set[TableName] = set()

    def noted(name: TableName) -> PinnedTable:
        try:
            of_policy[name] = pin(name)
        except LakewardError:
            missing.add(name)  # it may be there a moment later
            raise
        return of_policy[name]

    select, labels = write(noted)
    text = select.sql("duckdb", copy=False, identify=True, comments=False, unsupported_level=ErrorLevel.RAISE)
    is_for_one = any(label.startswith(MADE_FOR_ONE) for label in labels)
    return WrittenRelation(
        restrictions=restrictions,
        text=text,
        labels=labels,
        of_policy=of_policy,
        may_keep=not missing and not is_for_one and len(text) <= _LONGEST,
    )
