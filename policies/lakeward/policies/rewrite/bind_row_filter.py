"""A row filter as written -> a predicate over pinned scans, which nothing in a user's query can capture.

Every table in it becomes a scan of a pinned metadata file under an alias of ours, every column is qualified
by such an alias, and the attributes of the principal become typed literals. A filter that cannot be bound (an
attribute that is missing, a column or table that is not there) is FALSE: it shows nothing.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from lakeward.catalog.errors import LakewardError
from lakeward.catalog.names import InvalidTableNameError, TableName
from lakeward.catalog.pin import PinnedTable
from lakeward.policies.principal import Principal
from lakeward.policies.rewrite.resolve import Names
from lakeward.policies.rewrite.scan import Pin, Scan, column, from_scan


class _UnboundError(Exception):
    """The filter cannot be bound; it shows nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One relation in scope: its alias in our SQL, the names it goes by, its columns by folded name."""

    alias: str
    known_as: frozenset[str]
    columns: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Binder:
    """Binds the row filters of one statement."""

    names: Names
    pin: Pin
    scan: Scan
    principal: Principal
    _aliases: Iterator[int] = field(default_factory=itertools.count)

    def bind(self, predicate: exp.Expr, table: PinnedTable, alias: str) -> exp.Expr:
        """Return `predicate` over the columns of `alias`, which holds the raw rows of `table`."""
        try:
            return self._bind(predicate.copy(), (_source(table, alias),))
        except _UnboundError:
            return exp.false()

    def _bind(self, node: exp.Expr, scope: tuple[Source, ...]) -> exp.Expr:
        if isinstance(node, exp.Column):
            return _bind_column(node, scope)
        if isinstance(node, exp.Anonymous):
            return self._bind_call(node, scope)
        if isinstance(node, exp.Select):
            return self._bind_select(node, scope)
        return self._bind_children(node, scope)

    def _bind_children(self, node: exp.Expr, scope: tuple[Source, ...]) -> exp.Expr:
        for key, value in list(node.args.items()):
            if isinstance(value, exp.Expr):
                node.set(key, self._bind(value, scope))
            elif isinstance(value, list):
                node.set(key, [self._bind(v, scope) if isinstance(v, exp.Expr) else v for v in value])
        return node

    def _bind_call(self, node: exp.Anonymous, scope: tuple[Source, ...]) -> exp.Expr:
        match str(node.this).lower(), node.expressions:
            case "principal", []:
                return exp.Literal.string(self.principal.name)
            case "attribute", [exp.Literal() as name] if name.is_string:
                return _literal(self.principal.attributes.get(name.this))
            case _:
                return self._bind_children(node, scope)

    def _bind_select(self, node: exp.Select, scope: tuple[Source, ...]) -> exp.Expr:
        if node.args.get("with_"):
            raise _UnboundError
        relations = [node.args["from_"]] if node.args.get("from_") else []
        relations += node.args.get("joins") or []
        inner = tuple(self._bind_relation(each, scope) for each in relations)
        if isinstance(node.parent, exp.Exists) and any(each.is_star for each in node.expressions):
            node.set("expressions", [exp.Literal.number(1)])
        for join in node.args.get("joins") or ():
            self._bind_join_condition(join, inner + scope)
        rest = {key: value for key, value in node.args.items() if key not in {"from_", "joins"}}
        for key, value in rest.items():
            if isinstance(value, exp.Expr):
                node.set(key, self._bind(value, inner + scope))
            elif isinstance(value, list):
                node.set(key, [self._bind(each, inner + scope) for each in value])
        return node

    def _bind_join_condition(self, join: exp.Expr, scope: tuple[Source, ...]) -> None:
        if join.args.get("using") or join.args.get("method"):
            raise _UnboundError  # USING merges columns of two sources: the policy writes ON
        if on := join.args.get("on"):
            join.set("on", self._bind(on, scope))

    def _bind_relation(self, holder: exp.Expr, outer: tuple[Source, ...]) -> Source:
        """Replace the relation in a FROM or JOIN and return what it brings into scope."""
        relation, alias = holder.this, f"_p{next(self._aliases)}"
        if any(relation.args.get(part) for part in ("joins", "laterals", "pivots", "sample")):
            raise _UnboundError
        known_as = relation.alias_or_name.casefold()
        if isinstance(relation, exp.Table) and isinstance(relation.this, exp.Identifier):
            table = self._pin(relation)
            holder.set("this", from_scan(self.scan, table, alias))
            return _source(table, alias, known_as)
        if isinstance(relation, exp.Subquery) and isinstance(relation.this, exp.Select):
            bound = self._bind_select(relation.this, outer)
            outputs = {each.alias_or_name.casefold(): each.alias_or_name for each in relation.this.selects}
            holder.set("this", exp.Subquery(this=bound, alias=exp.TableAlias(this=exp.to_identifier(alias))))
            return Source(alias=alias, known_as=frozenset({known_as}), columns=outputs)
        raise _UnboundError

    def _pin(self, relation: exp.Table) -> PinnedTable:
        parts = [part.name.casefold() for part in relation.parts]
        if len(parts) == 3 and parts[0] == self.names.lake.casefold():  # noqa: PLR2004 - catalog, namespace, table
            parts = parts[1:]
        if len(parts) == 1:
            parts = [self.names.default_namespace, *parts]
        try:
            return self.pin(TableName(*parts))
        except (LakewardError, InvalidTableNameError, TypeError):
            raise _UnboundError from None


def _source(table: PinnedTable, alias: str, known_as: str | None = None) -> Source:
    """Return a table's columns by the names that policies speak of: today's, also in an old snapshot."""
    names = {known_as} if known_as else {table.name.table, str(table.name)}
    return Source(
        alias=alias,
        known_as=frozenset(names),
        columns={each.current_name.casefold(): each.name for each in table.columns if not each.is_dropped},
    )


def _bind_column(node: exp.Column, scope: tuple[Source, ...]) -> exp.Expr:
    """Qualify a column by the innermost source that has it; `a.b` may be a field of a struct `a`."""
    parts = [part.name for part in node.parts]
    for split in range(len(parts)):
        qualifier = ".".join(parts[:split]).casefold()
        for source in scope:
            if qualifier and qualifier not in source.known_as:
                continue
            if found := source.columns.get(parts[split].casefold()):
                bound: exp.Expr = column(found, source.alias)
                for name in parts[split + 1 :]:
                    bound = exp.Dot(this=bound, expression=exp.to_identifier(name, quoted=True))
                return bound
    raise _UnboundError


def _literal(value: object) -> exp.Expr:
    """Return an attribute of the principal as a typed literal; one that is missing lets nothing through."""
    if value is None:
        raise _UnboundError
    if isinstance(value, list | tuple | frozenset | set):
        return exp.Array(expressions=[_literal(each) for each in value])
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise _UnboundError


_WRITERS: tuple[tuple[type, Callable[[object], exp.Expr]], ...] = (
    (bool, lambda value: exp.Boolean(this=value)),
    (int, lambda value: exp.Literal.number(str(value))),
    (float, lambda value: exp.cast(exp.Literal.string(repr(value)), "double")),
    (str, lambda value: exp.Literal.string(str(value))),
    (dt.datetime, lambda value: exp.cast(exp.Literal.string(str(value)), "timestamptz")),
    (dt.date, lambda value: exp.cast(exp.Literal.string(str(value)), "date")),
)
