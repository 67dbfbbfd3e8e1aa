"""pyiceberg, opened for a lake, and its errors turned into ours."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    NamespaceAlreadyExistsError,
    NoSuchTableError,
    TableAlreadyExistsError,
    ValidationException,
)
from pyiceberg.table import Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from lakeward.catalog.config import LakeConfig
from lakeward.catalog.errors import InputError, LakewardError, UnavailableError
from lakeward.catalog.names import TableName
from lakeward.catalog.rows import CatalogUnavailableError, TableNotFoundError

logging.getLogger("pyiceberg").addHandler(logging.NullHandler())  # or its retries are told to stderr


class TableExistsError(InputError):
    """A table is to be made under a name that is taken."""

    code = "table-exists"

    def __init__(self, name: TableName) -> None:
        super().__init__(
            f"There is a table {name} already.", hint="Choose another name, or append to it or replace it."
        )


class ConflictError(UnavailableError):
    """Another process changed the table meanwhile, again and again."""

    code = "conflict"

    def __init__(self, name: TableName) -> None:
        super().__init__(
            f"{name} was changed by another process at the same time; nothing was written.",
            hint="Run the command again.",
        )


class WarehouseError(UnavailableError):
    """Files of a table cannot be read or written."""

    code = "warehouse-unavailable"

    def __init__(self, name: TableName, why: str) -> None:
        super().__init__(
            f"Files of {name} cannot be read or written: {why}; nothing was changed.",
            hint="Check the disk and the warehouse's rights, then run `lakeward doctor`.",
        )


class UnsupportedTableError(InputError):
    """A table of a kind that lakeward does not write."""

    code = "unsupported-table"

    def __init__(self, name: TableName, what: str) -> None:
        super().__init__(f"{name} cannot be written: {what}.", hint="Import the data into a new table.")


def open_catalog(config: LakeConfig, *, create: bool = False) -> SqlCatalog:
    """Open pyiceberg's SQL catalog as `lakeward.toml` names it.

    Raises:
        CatalogUnavailableError: Its database cannot be reached.
    """
    url = make_url(config.catalog)
    uri = url.update_query_dict({"timeout": "60"}) if url.get_backend_name() == "sqlite" else url
    properties = {
        **config.properties,
        "uri": uri.render_as_string(hide_password=False),
        "warehouse": config.warehouse,
        "init_catalog_tables": str(create).lower(),
    }
    try:
        return SqlCatalog(config.name, **properties)
    except (SQLAlchemyError, OSError):
        raise CatalogUnavailableError from None


def load_table(catalog: SqlCatalog, name: TableName) -> Table:
    """Load a table with pyiceberg.

    Raises:
        TableNotFoundError: There is no such table.
    """
    with iceberg_errors(name):
        return catalog.load_table((name.namespace, name.table))


def ensure_namespace(catalog: SqlCatalog, name: TableName) -> None:
    """Make a table's namespace unless it is there."""
    with iceberg_errors(name):
        try:
            catalog.create_namespace(name.namespace)
        except NamespaceAlreadyExistsError:
            return


@contextmanager
def iceberg_errors(name: TableName) -> Iterator[None]:
    """Turn errors of pyiceberg, pyarrow and the database into ours; their texts may hold values."""
    try:
        yield
    except LakewardError:
        raise
    except tuple(kind for kinds, _ in _MAPPED for kind in kinds) as error:
        make = next(make for kinds, make in _MAPPED if isinstance(error, kinds))
        raise make(name, error) from None


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or "the disk or store refused"


_CONFLICTS = (CommitFailedException, CommitStateUnknownException, ValidationException)
_REFUSALS = (NotImplementedError, TypeError, ValueError, KeyError, RuntimeError)
_UNKNOWN = "it uses what this version of lakeward cannot write"
_MAPPED: tuple[tuple[tuple[type[Exception], ...], Callable[[TableName, Exception], LakewardError]], ...] = (
    ((NoSuchTableError,), lambda name, _: TableNotFoundError(name)),
    ((TableAlreadyExistsError,), lambda name, _: TableExistsError(name)),
    (
        (CommitFailedException, CommitStateUnknownException, ValidationException),
        lambda name, _: ConflictError(name),
    ),
    ((SQLAlchemyError,), lambda _name, _: CatalogUnavailableError()),
    ((pa.ArrowException,), lambda name, _: WarehouseError(name, "a file is damaged, or of another kind")),
    ((OSError,), lambda name, error: WarehouseError(name, _why(error))),
    (
        (NotImplementedError, TypeError, ValueError, KeyError, RuntimeError),
        lambda name, _: UnsupportedTableError(name, _UNKNOWN),
    ),
    ((Exception,), lambda name, _: WarehouseError(name, "the table library failed")),
)
