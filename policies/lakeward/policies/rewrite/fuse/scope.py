"""The relations that a part of a query can name columns of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from lakeward.policies.rewrite.fuse.kinds import NotProvenError, Value

NAMELESS = "\0"
"""Begins what stands for the name of a column that a query cannot name."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation in a FROM: the name it goes by and its columns, in order, by folded name."""

    alias: str
    columns: Mapping[str, Value]

    def may_have(self, name: str, qualifier: str | None) -> bool:
        """Whether it may have a column of a name, or bear that name: also one that only the engine knows."""
        if qualifier:
            return qualifier == self.alias or qualifier in self.columns
        return name == self.alias or name in self.columns or self.hides_names

    @property
    def hides_names(self) -> bool:
        """Whether it has columns whose names the engine makes up."""
        return any(each.startswith(NAMELESS) for each in self.columns)


def folded(name: str) -> str:
    """Return a column's name as the engine folds it: the letters of ASCII and no others."""
    if name.isascii():
        return name.lower()
    return "".join(each.lower() if each.isascii() else each for each in name)


def named(columns: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """Return columns in order by names that surely mean them.

    Of several of one name the engine renames all but one, and a column without one it names by its text: in
    their places stand names that no query can hold.
    """
    found = list(columns)
    counts = Counter(name for name, _ in found)
    return {
        name if counts[name] == 1 and name and not name.startswith(NAMELESS) else f"{NAMELESS}{place}": value
        for place, (name, value) in enumerate(found)
    }


@dataclass(slots=True)
class Scope:
    """What names mean in one SELECT; `outer` is what encloses a correlated subquery.

    Attributes:
        relations: Those of its FROM and joins, in order.
        merged: Columns that USING merged: one column, not two.
        ctes: The CTEs in sight, by folded name, each with its columns.
        aliases: Aliases of the SELECT list so far.
        outer: The enclosing scope.
        beside: For a derived table, the relations before it in its FROM. The engine looks there for what it
            has not, as if it were LATERAL.
    """

    ctes: dict[str, Mapping[str, Value]]
    outer: "Scope | None" = None
    relations: list[Relation] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)
    aliases: dict[str, Value] = field(default_factory=dict)
    beside: tuple[Relation, ...] = ()

    def column(self, name: str, qualifier: str | None) -> Value:
        """Resolve a column.

        A column of an own relation comes first; what else a name can mean is the engine's choice, which hangs
        on where it stands, so it must make no difference.

        Raises:
            NotProvenError: It means nothing here, or more than one thing, or a column of a relation beside.
        """
        name, qualifier = name.casefold(), qualifier.casefold() if qualifier else None
        own = self._own(name, qualifier)
        if own and (qualifier or name not in self.aliases):
            return agreed(own)
        found = own or [each for scope in self._outwards() for each in scope.meanings(name, qualifier)]
        if not qualifier and name in self.aliases:
            found.append(self.aliases[name])
        if not found:
            raise NotProvenError("a name that is no column here")
        return agreed(found)

    def _own(self, name: str, qualifier: str | None) -> list[Value]:
        """Return the columns of a name in the relations of this scope: all, or in the first so qualified."""
        named = [each for each in self.relations if not qualifier or each.alias == qualifier]
        found = [each.columns[name] for each in named if name in each.columns]
        return found[:1] if qualifier else found

    def meanings(self, name: str, qualifier: str | None) -> "Iterator[Value]":
        """Give all that a name can mean in this scope.

        Raises:
            NotProvenError: It can be a column of a relation beside.
        """
        if any(each.may_have(name, qualifier) for each in self.beside):
            raise NotProvenError("a lateral relation")
        hiding = (each for each in self.relations if each.hides_names)
        if any(qualifier in {None, each.alias} for each in hiding):
            raise NotProvenError("a name that the engine may have made up")
        if qualifier is None and self.names(name):
            raise NotProvenError("a whole row")
        yield from self._own(name, qualifier)
        if qualifier is None:
            yield from [self.aliases[name]] if name in self.aliases else []
            return
        for each in self.relations:
            if qualifier in each.columns:
                yield field_of(each.columns[qualifier], name)

    def add_alias(self, name: str, value: Value) -> None:
        """Note what an alias of the SELECT list stands for; of several the engine takes one or the other.

        Raises:
            NotProvenError: They are not alike.
        """
        name = name.casefold()
        self.aliases[name] = agreed([self.aliases[name], value]) if name in self.aliases else value

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
        """Return the scope of one part of a set operation, which sees what the whole sees."""
        return Scope(ctes=dict(self.ctes), outer=self.outer, beside=self.beside)

    def derived(self) -> "Scope":
        """Return the scope of a derived table in the FROM of this one."""
        return Scope(ctes=dict(self.ctes), outer=self.outer, beside=(*self.beside, *self.relations))

    def alone(self) -> "Scope":
        """Return the scope of a CTE: the engine may bind it wherever it is named."""
        return Scope(ctes=dict(self.ctes))


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
        wider=any(each.wider for each in found),
        total=all(each.total for each in found),
    )
