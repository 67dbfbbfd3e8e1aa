"""Opening and locking instances of DuckDB."""

from collections.abc import Sequence
from importlib import import_module, resources
from pathlib import Path

import duckdb

from lakeward.gateway.errors import EngineUnavailableError

SUPPORTED = "1.5.5"
"""The version whose behaviour the lists and the self-test know; the extension wheels hold binaries for it
alone.
"""

_CLOSED = {
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "python_scan_all_frames": "false",
}


def connect() -> duckdb.DuckDBPyConnection:
    """Open an empty instance in memory that loads nothing by itself and reads no variable of ours.

    Raises:
        EngineUnavailableError: Another version of DuckDB is installed.
    """
    if duckdb.__version__ != SUPPORTED:
        raise EngineUnavailableError(f"version {duckdb.__version__} is installed, lakeward knows {SUPPORTED}")
    return duckdb.connect(":memory:", config=dict(_CLOSED))


def load_iceberg(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the Iceberg extension from its wheel; Avro first, which it needs.

    Raises:
        EngineUnavailableError: A wheel is missing or of another version.
    """
    for name in ("avro", "iceberg"):
        try:
            folder = resources.files(import_module(f"duckdb_extension_{name}"))
            path = folder / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
            connection.load_extension(str(path))
        except (ImportError, duckdb.Error):
            raise EngineUnavailableError(f"its {name} extension did not load") from None


def lock(
    connection: duckdb.DuckDBPyConnection,
    *,
    memory_limit: str,
    threads: int,
    spill: Path | None = None,
    readable: Sequence[Path] = (),
) -> None:
    """Set the limits of an instance, shut everything outside `readable` and `spill`, and throw away the key.

    The lock is depth, not policy: what a query may say is decided before it comes here.
    """
    settings: list[tuple[str, object]] = [
        ("memory_limit", memory_limit),
        ("threads", threads),
        ("preserve_insertion_order", False),
        ("temp_directory", str(spill) if spill else ""),
    ]
    if spill:
        settings += [("temp_file_encryption", True)]
    if readable:
        settings += [("allowed_directories", [f"{each}/" for each in readable])]
    settings += [("enable_external_access", False), ("lock_configuration", True)]
    for name, value in settings:
        connection.execute(f"SET {name} = ?", [value])
