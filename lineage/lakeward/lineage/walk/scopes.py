"""What names mean at a place in a query: relations in view, aliases, scopes further out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from lakeward.lineage.flows import NOTHING, Flows, join

Column = tuple[str, Flows]
Key = frozenset[str]


class UnresolvedError(Exception):
    """A part of the statement has no certain meaning; `reason` names the kind of part, never its text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Relation:
    """Columns in order with their flows, what decides the rows, and sets of columns no two rows share."""

    columns: list[Column]
    rows: Flows = field(default_factory=dict)
    unique: tuple[Key, ...] = ()
    _by_name: dict[str, Flows] = field(default_factory=dict)

    def column(self, name: str) -> Flows | None:
        """Give the flows of a column; of equal names, all together."""
        if not self._by_name:
            for each, flows in self.columns:
                folded = each.casefold()
                self._by_name[folded] = join(self._by_name.get(folded, NOTHING), flows)
        return self._by_name.get(name.casefold())

    def is_unique_on(self, names: Key) -> bool:
        """Say whether at most one row has given values in these columns."""
        return any(key <= names for key in self.unique)

    def whole(self) -> Flows:
        """Give the flows of all columns together, as a reference to the whole row has."""
        return join(*(flows for _, flows in self.columns))


@dataclass(slots=True)
class Scope:
    """One SELECT's names while it is walked."""

    resolve_query: "Callable[[exp.Expr, Scope], Relation]"
    ctes: Mapping[str, Relation]
    outer: "Scope | None" = None
    relations: dict[str, Relation] = field(default_factory=dict)
    merged: dict[str, Flows] = field(default_factory=dict)  # columns of USING and NATURAL
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    known_aliases: dict[str, tuple[Flows, bool]] = field(default_factory=dict)
    windows: dict[str, exp.Expr] = field(default_factory=dict)
    bound: dict[str, Flows] = field(default_factory=dict)  # variables of lambdas and comprehensions
    each_column: Flows | None = None  # what COLUMNS(...) stands for while a SELECT item is repeated
    has_aggregate: bool = False
    unnests: Flows = field(default_factory=dict)

    def add(self, alias: str, relation: Relation) -> None:
        """Bring a relation into view."""
        name = alias.casefold()
        while name in self.relations:  # DuckDB lets two hide each other; both stay in view
            name += "'"
        self.relations[name] = relation

    def find(self, parts: list[str]) -> Flows | None:
        """Give the flows of `column`, `relation.column` or a field of either; None when nothing has it."""
        first = parts[0].casefold()
        if first in self.bound:
            return self.bound[first]
        if len(parts) > 1 and (found := self._qualified(parts)) is not None:
            return found
        if first in self.merged:
            return self.merged[first]
        candidates = [relation.column(first) for relation in self.relations.values()]
        found_in = [flows for flows in candidates if flows is not None]
        if found_in:
            return join(*found_in)
        return self.relations[first].whole() if first in self.relations else None

    def _qualified(self, parts: list[str]) -> Flows | None:
        for index, part in enumerate(
            parts[:-1]
        ):  # catalog.schema.table.column: the table may stand further right
            relation = self.relations.get(part.casefold())
            if relation is not None and (flows := relation.column(parts[index + 1])) is not None:
                return flows
        return None

    def everything(self, alias: str | None = None) -> Iterator[Column]:
        """Give what `*`, or `alias.*`, stands for, in order; columns of USING once."""
        if alias is not None:
            relation = self.relations.get(alias.casefold())
            if relation is None:
                raise UnresolvedError("a star of a table that is not in view")
            yield from relation.columns
            return
        seen: set[str] = set()
        for relation in self.relations.values():
            for name, flows in relation.columns:
                folded = name.casefold()
                if folded not in self.merged:
                    yield name, flows
                elif folded not in seen:
                    seen.add(folded)
                    yield name, self.merged[folded]
