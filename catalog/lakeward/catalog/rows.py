"""The rows of the Iceberg SQL catalog, read without pyiceberg: where each table's metadata file is."""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import Connection, bindparam, column, select, table
from sqlalchemy.exc import SQLAlchemyError

from lakeward.catalog.errors import DeniedError, UnavailableError
from lakeward.catalog.names import TableName
from lakeward.catalog.store.ready_query import ReadyQuery

# Apache Iceberg's JDBC catalog, as pyiceberg and every other client of it writes it.
_TABLES = table(
    "iceberg_tables",
    column("catalog_name"),
    column("table_namespace"),
    column("table_name"),
    column("metadata_location"),
)
_NAMESPACES = table(
    "iceberg_namespace_properties",
    column("catalog_name"),
    column("namespace"),
    column("property_key"),
    column("property_value"),
)


class TableNotFoundError(DeniedError):
    """There is no such table."""

    code = "table-not-found"

    def __init__(self, name: TableName) -> None:
        super().__init__(f"There is no table {name}.", hint="List the tables with `lakeward table list`.")


class CatalogUnavailableError(UnavailableError):
    """The Iceberg catalog, or a metadata file it points to, cannot be read."""

    code = "catalog-unavailable"

    def __init__(self, what: str = "The Iceberg catalog cannot be reached or is damaged.") -> None:
        super().__init__(what, hint="Run `lakeward doctor`.")


_LOCATION = ReadyQuery(
    select(_TABLES.c.metadata_location).where(
        _TABLES.c.catalog_name == bindparam("catalog"),
        _TABLES.c.table_namespace == bindparam("namespace"),
        _TABLES.c.table_name == bindparam("name"),
    )
)
_PROPERTIES = ReadyQuery(
    select(_NAMESPACES.c.property_key, _NAMESPACES.c.property_value).where(
        _NAMESPACES.c.catalog_name == bindparam("catalog"), _NAMESPACES.c.namespace == bindparam("namespace")
    )
)


class Connects(Protocol):
    """What gives connections to a database."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Give one."""
        ...


@contextmanager
def catalog_rows(database: Connects) -> Iterator[Connection]:
    """Give a connection to the catalog's database; its errors become ours."""
    try:
        with database.connect() as connection:
            yield connection
    except SQLAlchemyError:
        raise CatalogUnavailableError from None


def metadata_location(connection: Connection, catalog: str, name: TableName) -> str:
    """Give the place of a table's metadata file.

    Raises:
        TableNotFoundError: There is no such table.
    """
    key = {"catalog": catalog, "namespace": name.namespace, "name": name.table}
    found = _LOCATION.rows(connection, key)
    if not found or not found[0][0]:
        raise TableNotFoundError(name)
    return str(found[0][0])


def table_locations(connection: Connection, catalog: str) -> list[tuple[str, str, str]]:
    """Give namespace, table and place of the metadata file of every table, by name."""
    c = _TABLES.c
    query = (
        select(c.table_namespace, c.table_name, c.metadata_location)
        .where(c.catalog_name == catalog)
        .order_by(c.table_namespace, c.table_name)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def namespace_properties(connection: Connection, catalog: str, namespace: str) -> dict[str, str]:
    """Give the properties of a namespace; empty when there is none."""
    rows = _PROPERTIES.rows(connection, {"catalog": catalog, "namespace": namespace})
    return {row.property_key: row.property_value for row in rows}


def namespace_digests(connection: Connection, catalog: str) -> dict[str, str]:
    """Give a fingerprint of the properties of every namespace that has any."""
    c = _NAMESPACES.c
    query = (
        select(c.namespace, c.property_key, c.property_value)
        .where(c.catalog_name == catalog)
        .order_by(c.namespace, c.property_key)
    )
    found: dict[str, str] = {}
    for namespace, key, value in connection.execute(query):
        found[namespace] = hashlib.sha256(f"{found.get(namespace, '')}\0{key}\0{value}".encode()).hexdigest()
    return found


def write_namespace_properties(
    connection: Connection, catalog: str, namespace: str, removals: set[str], updates: dict[str, str]
) -> None:
    """Replace some properties of a namespace, in the caller's transaction."""
    c = _NAMESPACES.c
    gone = removals | set(updates)
    connection.execute(
        _NAMESPACES.delete().where(
            c.catalog_name == catalog, c.namespace == namespace, c.property_key.in_(gone)
        )
    )
    for key, value in updates.items():
        connection.execute(
            _NAMESPACES.insert().values(
                catalog_name=catalog, namespace=namespace, property_key=key, property_value=value
            )
        )
