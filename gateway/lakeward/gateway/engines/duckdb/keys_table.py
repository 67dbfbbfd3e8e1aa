"""The reader's own table of keys: SQL looks a key up by its label, so that no text ever holds one."""

from collections.abc import Mapping
from typing import Final

import duckdb
import pyarrow as pa

KEYS_TABLE: Final = ("memory", "main", "lakeward_keys")
_INCOMING: Final = "lakeward_incoming_keys"


def create_keys_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table in a new instance."""
    connection.execute("CREATE TABLE memory.main.lakeward_keys (label TEXT PRIMARY KEY, key TEXT NOT NULL)")


def put_keys(connection: duckdb.DuckDBPyConnection, keys: Mapping[str, str]) -> None:
    """Put keys under their labels; one that is there stays."""
    connection.register(_INCOMING, pa.table({"label": list(keys), "key": list(keys.values())}))
    try:
        connection.execute("INSERT OR IGNORE INTO memory.main.lakeward_keys FROM lakeward_incoming_keys")
    finally:
        connection.unregister(_INCOMING)
