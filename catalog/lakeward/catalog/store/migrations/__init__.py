"""The store's history: numbered, run in order, never edited once released."""

from collections.abc import Callable

from sqlalchemy import Connection

from lakeward.catalog.store.migrations import m0001_first, m0002_users

MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    m0001_first.upgrade,
    m0002_users.upgrade,
)

LATEST = len(MIGRATIONS)
