"""Connections to the governance store, and the state of its schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, insert, inspect, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from lakeward.catalog.errors import UnavailableError
from lakeward.catalog.store.kept_connections import KeptConnections
from lakeward.catalog.store.migrations import LATEST, MIGRATIONS
from lakeward.catalog.store.schema import schema_version

_BUSY_SECONDS = 60
_CONNECT_SECONDS = 10
_THIS_TRANSACTION = True
STORE_LOCK, NAMESPACE_LOCK = 0x6C616B65, 0x6E616D65  # PostgreSQL's advisory locks: any two numbers


class StoreUnavailableError(UnavailableError):
    """The governance store is out of reach, or busy for too long."""

    code = "store-unavailable"

    def __init__(self, what: str = "cannot be reached") -> None:
        super().__init__(f"The governance store {what}.", hint="Run `lakeward doctor`; nothing was changed.")


class CorruptStoreError(UnavailableError):
    """The governance store is no store any more."""

    code = "corrupt-store"

    def __init__(self) -> None:
        super().__init__(
            "The governance store is damaged, or is no lakeward store.",
            hint="Restore it from a backup, then run `lakeward doctor`.",
        )


class NewerSchemaError(UnavailableError):
    """The store was written by a newer lakeward."""

    code = "newer-schema"

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"The governance store has schema {found}; this lakeward knows schemas up to {known}.",
            hint="Install the newer lakeward that wrote it.",
        )


class MissingDriverError(UnavailableError):
    """A database whose driver is not installed."""

    code = "missing-driver"

    def __init__(self, driver: str) -> None:
        super().__init__(
            f"There is no driver for {driver} databases, which lakeward.toml asks for.",
            hint="Install it: for PostgreSQL `pip install 'lakeward[postgres]'`.",
        )


class Store:
    """The governance store. Reading sees committed rows; writing is one at a time, and durable."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._kept = KeptConnections(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read with."""
        with mapped_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """Give a connection for ready queries alone, with less ado."""
        with mapped_errors(), self._kept.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the one writer's connection; its work is committed and synced at the end, or not at all."""
        with mapped_errors(), self._kept.connect() as connection:
            begin(connection)
            yield connection
            connection.commit()

    def version(self) -> int:
        """Give the number of the last migration that ran; 0 for an empty database."""
        with self.reading() as connection:
            return _version(connection)

    def close(self) -> None:
        """Let go of every connection."""
        self._kept.close()
        self.engine.dispose()


def begin(connection: Connection, lock: int = STORE_LOCK) -> None:
    """Begin a transaction that no other one with the same lock can interleave with."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    durable = func.set_config("synchronous_commit", "on", _THIS_TRANSACTION)  # whatever the server's default
    patient = func.set_config("lock_timeout", f"{_BUSY_SECONDS}s", _THIS_TRANSACTION)
    connection.execute(select(durable, patient))
    connection.execute(select(func.pg_advisory_xact_lock(lock)))


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Turn a database's errors, which may quote values, into ours."""
    try:
        yield
    except OperationalError as error:
        locked = any(each in str(error.orig) for each in ("locked", "lock timeout"))
        raise StoreUnavailableError(
            "is busy: another process keeps it locked" if locked else "cannot be reached"
        ) from None
    except DatabaseError as error:
        if "not a database" in str(error.orig) or "malformed" in str(error.orig):
            raise CorruptStoreError from None
        raise StoreUnavailableError("refused a change") from None
    except SQLAlchemyError:
        raise StoreUnavailableError from None


def make_engine(uri: str) -> Engine:
    """Make an engine; on SQLite one that waits for locks, syncs every commit and leaves transactions to us.

    On PostgreSQL, one that sees what was committed while it waited for a lock, whatever the server's default,
    and that notices a connection which the server has ended since.

    Raises:
        MissingDriverError: The database's driver is not installed.
    """
    url = make_url(uri)
    try:
        engine = create_engine(url, **_settings(url))
    except (NoSuchModuleError, ModuleNotFoundError):
        raise MissingDriverError(url.drivername) from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _settings(url: URL) -> dict[str, Any]:
    if url.get_backend_name() != "postgresql":
        return {}
    wait = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    return {"isolation_level": "READ COMMITTED", "pool_pre_ping": True, "connect_args": wait}


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def sqlite_file(uri: str) -> Path | None:
    """Give the file behind a SQLite address, or None for another database."""
    url: URL = make_url(uri)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def create_store(uri: str) -> Store:
    """Make the tables of a new store."""
    path = sqlite_file(uri)
    if path is not None:
        path.touch(mode=0o600)
    store = Store(make_engine(uri))
    with mapped_errors(), store.engine.connect() as connection:
        if path is not None:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    _migrate(store)
    return store


def open_store(uri: str) -> Store:
    """Open a store, and bring an older schema up to date; an empty database server is made a store.

    Raises:
        StoreUnavailableError: It is out of reach.
        CorruptStoreError: It is damaged, or no store.
        NewerSchemaError: A newer lakeward wrote it.
    """
    path = sqlite_file(uri)
    if path is not None and not path.exists():
        raise StoreUnavailableError(f"is not there: {path}")
    store = Store(make_engine(uri))
    found = store.version()
    if found == 0 and path is not None:
        raise CorruptStoreError
    if found > LATEST:
        raise NewerSchemaError(found, LATEST)
    if found < LATEST:
        _migrate(store)
    return store


def _migrate(store: Store) -> None:
    with store.writing() as connection:
        schema_version.create(connection, checkfirst=True)
        for number in range(_version(connection) + 1, LATEST + 1):
            MIGRATIONS[number - 1](connection)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute(insert(schema_version).values(version=number, at=now))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(schema_version.name):
        return 0
    return connection.execute(select(func.max(schema_version.c.version))).scalar() or 0
