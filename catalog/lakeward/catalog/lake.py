"""The lake: a folder with settings, keys, catalog, store and warehouse, opened as one thing."""

import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect

from lakeward.catalog.audit import AuditChain, AuditEvent
from lakeward.catalog.checkpoint import KEY_FILE, Checkpoint, CheckpointKey, make_checkpoint_key
from lakeward.catalog.config import CONFIG_FILE, LakeConfig, initial_config, load_config, with_driver
from lakeward.catalog.errors import InputError, UnavailableError
from lakeward.catalog.keys import KeyRing, create_keys, open_keys
from lakeward.catalog.metadata import TableMetadata, read_metadata
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import PinnedTable, pin_table
from lakeward.catalog.readings import Readings
from lakeward.catalog.rows import CatalogUnavailableError, catalog_rows
from lakeward.catalog.store import Store, create_store, open_store
from lakeward.catalog.store.kept_connections import KeptConnections
from lakeward.catalog.store.schema import schema_version
from lakeward.catalog.store.store import make_engine, mapped_errors, sqlite_file
from lakeward.catalog.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog

    from lakeward.catalog.doctor import Finding

_KEPT_METADATA = 256
HEAD_FILE = "audit.head"


class LakeExistsError(InputError):
    """A lake is to be made where something stands already."""

    code = "lake-exists"

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"{root} already holds a lake, or parts of one; nothing was changed.",
            hint="Look at it with `lakeward doctor`, or make the new lake in another folder.",
        )


class DatabaseInUseError(InputError):
    """A new lake is to be made in a database that holds one."""

    code = "database-in-use"

    def __init__(self) -> None:
        super().__init__(
            "The database holds a lake's store or catalog already; nothing was changed.",
            hint="Name an empty database. One more gateway of the same lake takes a copy of its folder.",
        )


class CannotCreateLakeError(UnavailableError):
    """The folder of a new lake cannot be written."""

    code = "cannot-create-lake"

    def __init__(self, root: Path, why: str) -> None:
        super().__init__(
            f"No lake can be made in {root}: {why}.", hint="Check the folder's rights and the disk."
        )


class Lake:
    """An open lake."""

    def __init__(
        self, root: Path, config: LakeConfig, keys: KeyRing, store: Store, taxonomy: Taxonomy
    ) -> None:
        self.root = root
        self.config = config
        self.keys = keys
        self.store = store
        self.taxonomy = taxonomy
        self.audit = AuditChain(store, keys.derive("audit"), root / HEAD_FILE)
        self.checkpoints = CheckpointKey(root / "keys", keys.derive("lake-id").hex()[:32])
        self.catalog_engine: Engine = make_engine(config.catalog)
        self.catalog_kept = KeptConnections(self.catalog_engine)
        self.readings = Readings()
        self._metadata: OrderedDict[str, TableMetadata] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def policies_dir(self) -> Path:
        """Where the lake's policy documents are."""
        return self.root / "policies"

    @property
    def contracts_dir(self) -> Path:
        """Where the lake's contracts are."""
        return self.root / "contracts"

    def name(self, text: str) -> TableName:
        """Read a table's name; a bare one is looked up in the default namespace.

        Raises:
            InvalidTableNameError: The text is no name.
        """
        return TableName.parse(text if "." in text else f"{self.config.default_namespace}.{text}")

    def pin(self, name: TableName, at: str | int | None = None) -> PinnedTable:
        """Pin a table; see `pin_table`."""
        return pin_table(self, name, at)

    def metadata(self, location: str) -> TableMetadata:
        """Read a metadata file, or give the reading that is kept: a metadata file never changes."""
        with self._lock:
            found = self._metadata.get(location)
            if found is not None:
                self._metadata.move_to_end(location)
                return found
        read = read_metadata(location, self.config.properties)
        with self._lock:
            self._metadata[location] = read
            while len(self._metadata) > _KEPT_METADATA:
                self._metadata.popitem(last=False)
        return read

    def iceberg(self) -> "SqlCatalog":
        """Give pyiceberg's catalog; its import takes a second, so only those who touch data ask for it."""
        return self._iceberg

    @cached_property
    def _iceberg(self) -> "SqlCatalog":
        from lakeward.catalog.iceberg import open_catalog  # noqa: PLC0415  see `iceberg`

        return open_catalog(self.config)

    def checkpoint(self) -> Checkpoint:
        """Sign the audit chain's present end."""
        return self.checkpoints.sign(*self.audit.end())

    def close(self) -> None:
        """Let go of every connection.

        Raises:
            AuditUnavailableError: A record of what has happened cannot be written.
        """
        try:
            self.audit.flush()
        finally:
            self.store.close()
            self.catalog_kept.close()
            self.catalog_engine.dispose()
            if "_iceberg" in self.__dict__:
                self._iceberg.close()


def open_lake(root: Path) -> Lake:
    """Open the lake in a folder.

    Raises:
        UnavailableError: Its keys, store or catalog are missing, damaged, or open to others; one error that
            says which.
        InvalidConfigError: `lakeward.toml` is not valid.
    """
    root = root.absolute()
    config = load_config(root)
    lake = Lake(root, config, open_keys(root / "keys"), open_store(config.store), load_taxonomy(root))
    check_catalog(lake)
    return lake


def check_catalog(lake: Lake) -> None:
    """Look whether the Iceberg catalog is there; an empty database server is made one.

    Raises:
        CatalogUnavailableError: It is not, or is no catalog.
    """
    path = sqlite_file(lake.config.catalog)
    if path is not None and not path.exists():
        raise CatalogUnavailableError(f"The Iceberg catalog is not there: {path}.")
    with catalog_rows(lake.catalog_engine) as connection:
        is_catalog = inspect(connection).has_table("iceberg_tables")
    if not is_catalog and path is None:
        _make_catalog(lake.config)
    elif not is_catalog:
        raise CatalogUnavailableError("The database in lakeward.toml is no Iceberg catalog.")


def init_lake(root: Path, *, name: str = "lake", database: str = "") -> Lake:
    """Make a lake in a folder, which may exist but may hold none of a lake's parts.

    Args:
        root: The folder.
        name: The lake's name in SQL.
        database: Address of an empty database for catalog and store; by default SQLite in the folder.

    Raises:
        LakeExistsError: It holds a lake, or parts of one; nothing is changed.
        DatabaseInUseError: The database holds a lake's store or catalog; nothing is changed.
        CannotCreateLakeError: The folder cannot be written.
    """
    root = root.absolute()
    TableName(name, name)  # a lake's name obeys the rule for the parts of a table's name
    parts = ("catalog.db", "governance.db", "keys", "warehouse", CONFIG_FILE, HEAD_FILE)
    if any((root / part).exists() for part in parts):
        raise LakeExistsError(root)
    if database:
        _require_empty(database)
    try:
        _create(root, name, database)
    except OSError as error:
        raise CannotCreateLakeError(root, error.strerror or "the disk refused") from None
    lake = open_lake(root)
    lake.audit.append(AuditEvent(kind="lake.init", principal=owner_name(), details={"lake": name}))
    return lake


def _require_empty(database: str) -> None:
    engine = make_engine(with_driver(database))
    with mapped_errors(), engine.connect() as connection:
        found = inspect(connection)
        is_used = any(found.has_table(each) for each in (schema_version.name, "iceberg_tables"))
    engine.dispose()
    if is_used:
        raise DatabaseInUseError


def _create(root: Path, name: str, database: str) -> None:
    root.mkdir(parents=True, exist_ok=True)
    create_keys(root / "keys")
    make_checkpoint_key(root / "keys" / KEY_FILE)
    for folder, mode in (("warehouse", 0o700), ("policies", 0o755), ("contracts", 0o755)):
        (root / folder).mkdir(mode=mode, exist_ok=True)
    settings = root / CONFIG_FILE  # last of the small ones: it makes the folder a lake
    settings.touch(mode=0o600 if database else 0o644)  # an address may hold a password
    settings.write_text(initial_config(name, database), "utf-8")
    config = load_config(root)
    create_store(config.store).close()
    if not database:
        _create_sqlite_catalog(root, config)
    _make_catalog(config)


def _create_sqlite_catalog(root: Path, config: LakeConfig) -> None:
    (root / "catalog.db").touch(mode=0o600)
    engine = make_engine(config.catalog)
    with catalog_rows(engine) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    engine.dispose()


def _make_catalog(config: LakeConfig) -> None:
    from lakeward.catalog.iceberg import open_catalog  # noqa: PLC0415  only a new catalog needs it here

    open_catalog(config, create=True).close()


def diagnose(root: Path) -> "list[Finding]":
    """Look whether a lake is in order; see `lakeward.catalog.doctor`."""
    from lakeward.catalog import doctor  # noqa: PLC0415  the doctor looks at everything, the lake itself too

    return doctor.diagnose(root)


def owner_name() -> str:
    """Name who runs this process, for records of acts that no principal was named for."""
    import getpass  # noqa: PLC0415  only needed by acts without a principal

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"
