"""The databases of a new lake are always the same: a process makes them once, and copies them after that."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from lakeward.catalog import lake
from lakeward.catalog.config import LakeConfig
from lakeward.catalog.store import Store, store
from lakeward.catalog.store.migrations import MIGRATIONS
from lakeward.catalog.store.store import sqlite_file


class _Ready:
    """One database as the product made it the first time."""

    def __init__(self) -> None:
        self._kept: sqlite3.Connection | None = None

    def fill(self, path: Path, make: Callable[[], None]) -> None:
        if self._kept is None:
            make()
            self._kept = sqlite3.connect(":memory:", check_same_thread=False)
            with closing(sqlite3.connect(path)) as made:
                made.backup(self._kept)
        else:
            with closing(sqlite3.connect(path)) as new:
                self._kept.backup(new)

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()


@contextmanager
def ready_databases() -> Iterator[None]:
    """Copy the schema of stores and catalogs; files, their rights and journals are made by the product."""
    migrate, make_catalog = store._migrate, lake._make_catalog
    with closing(_Ready()) as stores, closing(_Ready()) as catalogs, pytest.MonkeyPatch.context() as patch:

        def migrated(new: Store) -> None:
            path = sqlite_file(new.engine.url.render_as_string(hide_password=False))
            is_usual = vars(store)["MIGRATIONS"] is MIGRATIONS and new.version() == 0
            if path is None or not is_usual:
                migrate(new)
            else:
                stores.fill(path, lambda: migrate(new))

        def catalog_made(config: LakeConfig) -> None:
            path = sqlite_file(config.catalog)
            if path is None:
                make_catalog(config)
            else:
                catalogs.fill(path, lambda: make_catalog(config))

        patch.setattr(store, "_migrate", migrated)
        patch.setattr(lake, "_make_catalog", catalog_made)
        yield
