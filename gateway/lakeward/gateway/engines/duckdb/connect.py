"""Opening and locking instances of DuckDB."""

import functools
from collections.abc import Sequence
from importlib import import_module, resources
from pathlib import Path

import duckdb
from sqlglot import exp

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
    "temp_directory": "",
}


def connect() -> duckdb.DuckDBPyConnection:
    """Open an empty instance in memory that loads nothing by itself and reads no variable of ours.

    Raises:
        EngineUnavailableError: Another version of DuckDB is installed.
    """
    if duckdb.__version__ != SUPPORTED:
        raise EngineUnavailableError(f"version {duckdb.__version__} is installed, lakeward knows {SUPPORTED}")
    return duckdb.connect(":memory:", config=dict(_CLOSED))


def staging_cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return a cursor whose rows are for another instance; to be made before the lock.

    Decimals leave it in as many bytes as they need, where the world outside knows 16 alone: half the work on
    both sides. No client ever sees these types.
    """
    cursor = connection.cursor()
    cursor.execute("SET SESSION arrow_output_version = '1.5'")
    return cursor


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
    for each in locking(memory_limit, threads, spill, tuple(readable)):
        connection.execute(each)


@functools.lru_cache(maxsize=1_000)
def locking(
    memory_limit: str,
    threads: int,
    spill: Path | None = None,
    readable: tuple[Path, ...] = (),
    spill_limit: str | None = None,
) -> tuple[str, ...]:
    """Return the statements that lock an instance, in order."""
    return (*placing(spill, readable, spill_limit), *closing(memory_limit, threads))


def placing(
    spill: Path | None = None, readable: tuple[Path, ...] = (), spill_limit: str | None = None
) -> tuple[str, ...]:
    """Return the statements that come first: what is the same whoever asks."""
    folders = [exp.Literal.string(f"{each}/") for each in readable]
    settings: list[tuple[str, exp.Expr]] = [
        ("preserve_insertion_order", exp.false()),
        ("temp_directory", exp.Literal.string(str(spill or ""))),
        ("temp_file_encryption", exp.Boolean(this=spill is not None)),
        ("allowed_directories", exp.Array(expressions=folders)),
    ]
    if spill_limit is not None:
        settings.insert(0, ("max_temp_directory_size", exp.Literal.string(spill_limit)))
    return tuple(_setting(name, value) for name, value in settings)


@functools.lru_cache(maxsize=1_000)
def closing(memory_limit: str, threads: int) -> tuple[str, ...]:
    """Return the statements that come last, before any row and any SQL of others: then nothing can be set."""
    settings: list[tuple[str, exp.Expr]] = [
        ("memory_limit", exp.Literal.string(memory_limit)),
        ("threads", exp.Literal.number(threads)),
        ("enable_external_access", exp.false()),
        ("lock_configuration", exp.true()),
    ]
    return tuple(_setting(name, value) for name, value in settings)


def _setting(name: str, value: exp.Expr) -> str:
    """Return `SET name = value`; with a parameter for it the client would import pandas, half a second."""
    assignment = exp.EQ(this=exp.to_identifier(name), expression=value)
    return exp.Set(expressions=[exp.SetItem(this=assignment)]).sql("duckdb")
