"""Which tables a query reads: lexical scopes of CTEs, case folding, names of one, two and three parts."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from lakeward.catalog.metadata_name import MetadataName
from lakeward.catalog.names import InvalidTableNameError, TableName, as_written
from lakeward.policies.admit.errors import NotAdmittedError
from lakeward.policies.lists import allow_lists

Scope = frozenset[str]
_NO_NAMES: Scope = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What names mean in one lake: its own (the SQL catalog) and the namespace of a bare name."""

    lake: str
    default_namespace: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TableReference:
    """One place where a query reads a table of the lake; `node` is the query's own node there."""

    node: exp.Table
    name: TableName


class UnknownTableError(NotAdmittedError):
    """A table that is not there, or not for the principal: one error for both.

    Args:
        name: What the statement calls it.
    """

    code = "denied"

    def __init__(self, name: str) -> None:
        said = "The statement reads a table that is not there for you"
        super(NotAdmittedError, self).__init__(
            f"{said}: {as_written(name)}.",
            hint="List what you may read with `lakeward table list`, or ask a steward for a grant.",
            recorded=f"{said}.",
        )


def resolve_tables(tree: exp.Query, names: Names) -> tuple[TableReference, ...]:
    """Find every reference to a table of the lake, in no particular order.

    A bare name is a CTE where one of that name is in scope, as in standard SQL: a CTE sees those before it in
    its WITH, itself only when recursive. A qualified name is never a CTE.

    Raises:
        UnknownTableError: A name has no form that a table of the lake could have.
        NotAdmittedError: A table function that is not on the list, or a recursive CTE that bears the name it
        reads.
    """
    return tuple(_walk(tree, names))


def cte_references(tree: exp.Query) -> frozenset[int]:
    """Return the ids of the nodes of a tree that name a CTE where they stand, not a table of that name."""
    return frozenset(id(node) for node, scope in _scoped(tree) if _is_cte(node, scope))


def _walk(tree: exp.Query, names: Names) -> Iterator[TableReference]:
    for node, scope in _scoped(tree):
        if reference := _reference(node, scope, names):
            yield reference


def _scoped(tree: exp.Query) -> Iterator[tuple[exp.Table, Scope]]:
    """Give every table node with the names of the CTEs that are in scope there."""
    if tree.find(exp.With) is None:
        yield from ((node, _NO_NAMES) for node in tree.find_all(exp.Table))
        return
    pending: list[tuple[exp.Expr, Scope]] = [(tree, _NO_NAMES)]
    while pending:
        node, scope = pending.pop()
        if isinstance(node, exp.Table):
            yield node, scope
        scope = _enter_with(node, scope, pending)
        pending.extend((child, scope) for child in node.iter_expressions() if not isinstance(child, exp.With))


def _enter_with(node: exp.Expr, scope: Scope, pending: list[tuple[exp.Expr, Scope]]) -> Scope:
    """Queue the CTEs of a WITH, each under the scope that it sees, and return the scope after all of them."""
    with_ = node.args.get("with_")
    if with_ is None:
        return scope
    for cte in with_.expressions:
        name = cte.alias.casefold()
        pending.append((cte, scope | {name} if with_.args.get("recursive") else scope))
        scope |= {name}
    return scope


def _is_cte(node: exp.Table, scope: Scope) -> bool:
    return isinstance(node.this, exp.Identifier) and len(node.parts) == 1 and node.name.casefold() in scope


def _reference(node: exp.Table, scope: Scope, names: Names) -> TableReference | None:
    if not isinstance(node.this, exp.Identifier):
        _check_table_function(node)
        return None
    if _is_cte(node, scope):
        return None
    parts = [part.name.casefold() for part in node.parts]
    return TableReference(node=node, name=_canonical(parts, names))


def _canonical(parts: list[str], names: Names) -> TableName:
    """Return the one name of a table from its folded parts; `lake.table` is in the default namespace."""
    lake = names.lake.casefold()
    match parts:
        case [table]:
            full = [names.default_namespace, table]
        case [catalog, table] if catalog == lake and lake != names.default_namespace:
            full = [names.default_namespace, table]
        case [namespace, table]:
            full = [namespace, table]
        case [catalog, namespace, table] if catalog == lake:
            full = [namespace, table]
        case _:
            raise UnknownTableError(".".join(parts))
    try:
        return MetadataName(*full) if "$" in full[1] else TableName(*full)
    except InvalidTableNameError:
        raise UnknownTableError(".".join(parts)) from None


def _check_table_function(node: exp.Table) -> None:
    """Check a function that stands where a table stands; the engine's parser does again by its own names."""
    function = node.this
    name = str(function.this) if isinstance(function, exp.Anonymous) else function.sql_name()
    if (
        not isinstance(function, exp.ExplodingGenerateSeries)
        and name.lower() not in allow_lists().table_functions
    ):
        raise NotAdmittedError("a table function that is not on the list")
