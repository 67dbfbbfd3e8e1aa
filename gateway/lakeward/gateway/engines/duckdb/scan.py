"""How DuckDB reads a pinned table: by the metadata file and the snapshot, never by a list of data files.

A bare list of Parquet files would ignore renames, drops and deletes.
"""

from pathlib import Path
from urllib.parse import unquote, urlparse

from sqlglot import exp

from lakeward.catalog.pin import PinnedTable
from lakeward.gateway.metadata_tables import MetadataTable
from lakeward.policies.rewrite.duckdb_types import duckdb_type


def scan(table: PinnedTable) -> exp.Expr:
    """Return what stands in FROM for all raw rows of `table`.

    A metadata file names one current snapshot for ever, so the file alone pins it. Asking for that snapshot
    by its id would read it under the schema that it was written with, before any later rename.
    """
    if isinstance(table, MetadataTable):
        return _values(table) if table.rows else _no_rows(table)
    if table.snapshot_id is None:
        return _no_rows(table)
    arguments: list[exp.Expr] = [exp.Literal.string(local_path(table.metadata_location))]
    if table.is_past:
        snapshot = exp.Literal.number(table.snapshot_id)
        arguments.append(exp.PropertyEQ(this=exp.to_identifier("snapshot_from_id"), expression=snapshot))
    return exp.Table(this=exp.Anonymous(this="iceberg_scan", expressions=arguments))


def local_path(location: str) -> str:
    """Return the path of a `file:` URI; another location stays as it is."""
    parsed = urlparse(location)
    return str(Path(unquote(parsed.path))) if parsed.scheme == "file" else location


def _no_rows(table: PinnedTable) -> exp.Expr:
    """A table that nothing was ever written to: its columns and types, and no row."""
    columns = [
        exp.alias_(exp.cast(exp.null(), duckdb_type(each.type)), each.name, quoted=True)
        for each in table.columns
    ]
    return exp.select(*columns).where(exp.false()).subquery()


def _values(table: MetadataTable) -> exp.Expr:
    """Write out the rows of a metadata table, each value with its column's type."""
    names = [each.name for each in table.columns]
    columns = [
        exp.alias_(
            exp.cast(exp.column(each.name, quoted=True), duckdb_type(each.type)), each.name, quoted=True
        )
        for each in table.columns
    ]
    written = exp.values(list(table.rows), alias="_rows", columns=names)
    return exp.select(*columns).from_(written).subquery()
