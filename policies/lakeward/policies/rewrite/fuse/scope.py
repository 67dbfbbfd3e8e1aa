"""The relations that a part of a query can name columns of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lakeward.policies.rewrite.fuse.kinds import NotProvenError, Value


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation in a FROM: the name it goes by and its columns, in order, by folded name."""

    alias: str
    columns: Mapping[str, Value]


@dataclass(slots=True)
class Scope:
    """What names mean in one SELECT; `outer` is what encloses a correlated subquery.

    Attributes:
        relations: Those of its FROM and joins, in order.
        merged: Columns that USING merged: one column, not two.
        ctes: The CTEs in sight, by folded name, each with its columns.
        aliases: Aliases of the SELECT list so far.
        outer: The enclosing scope.
    """

    ctes: dict[str, Mapping[str, Value]]
    outer: "Scope | None" = None
    relations: list[Relation] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)
    aliases: dict[str, Value] = field(default_factory=dict)

    def column(self, name: str, qualifier: str | None) -> Value:
        """Resolve a column.

        Raises:
            NotProvenError: It means nothing here, or more than one thing.
        """
        name = name.casefold()
        if qualifier:
            return self._qualified(name, qualifier.casefold())
        found = [each.columns[name] for each in self.relations if name in each.columns]
        if name in self.aliases:
            found.append(self.aliases[name])
        if found:
            return agreed(found)
        if self.outer is not None:
            return self.outer.column(name, None)
        raise NotProvenError("a name that is no column here")

    def _qualified(self, name: str, qualifier: str) -> Value:
        for relation in self.relations:
            if relation.alias == qualifier and name in relation.columns:
                return relation.columns[name]
        structs = [each.columns[qualifier] for each in self.relations if qualifier in each.columns]
        if structs and not any(scope.names(qualifier) for scope in self._outwards()):
            return field_of(agreed(structs), name)
        if self.outer is not None:
            return self.outer.column(name, qualifier)
        raise NotProvenError("a name that is no column here")

    def names(self, alias: str) -> bool:
        """Whether a relation of it goes by a name."""
        return any(each.alias == alias for each in self.relations)

    def _outwards(self) -> "Iterator[Scope]":
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def owns(self, name: str, qualifier: str | None) -> bool:
        """Whether a name is of a relation of this scope.

        An alias does not count: in an aggregate, the engine takes a column of the query around it first.
        """
        name, own = name.casefold(), self.relations
        if qualifier:
            qualifier = qualifier.casefold()
            if not self.names(qualifier) and any(qualifier in each.columns for each in own):
                return True
            own = [each for each in own if each.alias == qualifier]
        return any(name in each.columns for each in own)

    def child(self) -> "Scope":
        """Return the scope of a subquery inside this one."""
        return Scope(ctes=dict(self.ctes), outer=self)

    def apart(self) -> "Scope":
        """Return the scope of a derived table or CTE, which sees CTEs and no column of its neighbours."""
        return Scope(ctes=dict(self.ctes), outer=self.outer)


def field_of(value: Value, name: str) -> Value:
    """Return what is known of a field of a struct.

    Raises:
        NotProvenError: There is no such field.
    """
    found = [each for known, each in value.fields if known == name]
    if len(found) != 1:
        raise NotProvenError("a name that is no column here")
    return replace(found[0], fresh=value.fresh)


def agreed(found: list[Value]) -> Value:
    """A name that could mean several columns is fine where it makes no difference; the worst counts.

    Raises:
        NotProvenError: It does make one.
    """
    if len(found) == 1:
        return found[0]
    if len({(each.kind, each.scale, each.nature) for each in found}) > 1:
        raise NotProvenError("a name with two meanings")
    known = next((each for each in found if not each.fresh), found[0])
    return replace(
        known,
        digits=max(each.digits for each in found),
        width=min(each.width for each in found),
        copies=max(each.copies for each in found),
        constant=max(each.constant for each in found),
        literal=all(each.literal for each in found),
        text=known.text if all(each == known for each in found) else None,
        risky=any(each.risky for each in found),
    )
