"""The governance store: audit chain, tag ledger, lineage, contract results, owners."""

from lakeward.catalog.store.store import (
    CorruptStoreError,
    MissingDriverError,
    NewerSchemaError,
    Store,
    StoreUnavailableError,
    create_store,
    open_store,
)

__all__ = [
    "CorruptStoreError",
    "MissingDriverError",
    "NewerSchemaError",
    "Store",
    "StoreUnavailableError",
    "create_store",
    "open_store",
]
