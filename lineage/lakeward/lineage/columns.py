"""Column lineage of a statement: which source columns reach each output column, and which decide it.

```python
column_lineage(parse_one(sql, dialect="duckdb"), {"main.visit": ["id", "dx"]}) -> ColumnLineage
```
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp

from lakeward.lineage.edges import ColumnLineage, Direct, Edge, Source, Strength, distinct, everything, rename
from lakeward.lineage.errors import NoLineageError
from lakeward.lineage.flows import Flow, direct, edges
from lakeward.lineage.walk.queries import Walk
from lakeward.lineage.walk.scopes import Relation, UnresolvedError

Schema = Mapping[str, Sequence[str]]


def column_lineage(
    statement: exp.Expr,
    schema: Schema,
    *,
    default_namespace: str = "main",
    masked: Mapping[Source, Strength] | None = None,
) -> ColumnLineage:
    """Find the lineage of a query, or of the query in CREATE TABLE AS or INSERT.

    What cannot be resolved is not guessed: then every column of every table that the statement may name is
    claimed to reach every output column, unproven.

    Args:
        statement: A sqlglot tree, dialect DuckDB; it is read, not changed.
        schema: Column names in order, by `namespace.table`.
        default_namespace: The namespace of a bare table name.
        masked: What is left of columns that reach the statement masked; `FULL` lets nothing flow.

    Raises:
        NoLineageError: The statement is of another kind.
    """
    query = _query_of(statement)
    folded = {name.casefold(): columns for name, columns in schema.items()}
    walk = Walk(folded, default_namespace.casefold(), _beginning(masked or {}))
    try:
        relation = walk.run(query)
    except UnresolvedError as error:
        lineage = _everything(query, folded, default_namespace.casefold(), error.reason)
    except RecursionError:
        lineage = _everything(query, folded, default_namespace.casefold(), "a statement nested too deep")
    else:
        lineage = _spelled_out(relation, walk.tables)
    target = statement.this if isinstance(statement, exp.Create | exp.Insert) else None
    listed = [each.name for each in target.expressions] if isinstance(target, exp.Schema) else None
    return rename(lineage, listed) if listed else lineage


def _query_of(statement: exp.Expr) -> exp.Query:
    query = statement.expression if isinstance(statement, exp.Create | exp.Insert) else statement
    if isinstance(query, exp.Values):
        query = exp.select("*").from_(query.copy())
    if not isinstance(query, exp.Query):
        raise NoLineageError
    if query is not statement and (with_ := statement.args.get("with_")) is not None:
        query = query.copy()  # WITH before INSERT belongs to its query
        query.set("with_", with_.copy())
    return query


def _beginning(masked: Mapping[Source, Strength]) -> dict[Source, Flow]:
    """Give the flows that masked columns start with; a fixed value lets nothing flow."""
    return {
        Source(source.table.casefold(), source.column.casefold()): (
            0 if strength is Strength.FULL else direct(Direct.TRANSFORMATION, strength)
        )
        for source, strength in masked.items()
    }


def _spelled_out(relation: Relation, tables: Mapping[str, Relation]) -> ColumnLineage:
    claimed: set[Edge] = set(edges("", relation.rows))
    outputs = distinct(name for name, _ in relation.columns)
    for name, (_, flows) in zip(outputs, relation.columns, strict=True):
        claimed.update(edges(name, flows))
    return ColumnLineage(outputs, tuple(sorted(claimed)), tuple(sorted(tables)))


def _everything(query: exp.Query, schema: Schema, default_namespace: str, reason: str) -> ColumnLineage:
    tables = tuple(sorted({*_tables_named(query, schema, default_namespace)}))
    sources = {Source(table, column.casefold()) for table in tables for column in schema[table]}
    names = ["*"] if query.is_star else query.named_selects
    return everything(distinct(names), sources, tables, reason)


def _tables_named(query: exp.Expr, schema: Schema, default_namespace: str) -> Iterator[str]:
    """Give every table that a name in the statement could mean, whatever CTEs hide."""
    for table in query.find_all(exp.Table):
        parts = [part.name.casefold() for part in table.parts]
        name = ".".join(parts[-2:] if len(parts) > 1 else [default_namespace, *parts])
        if name in schema:
            yield name
