"""The store's history: numbered, run in order, never edited once released."""

from collections.abc import Callable

from sqlalchemy import Connection

from lakeward.catalog.store.migrations import (
    m0001_first,
    m0002_users,
    m0003_tag_context,
    m0004_classification,
    m0005_tag_index,
    m0006_doomed_files,
    m0007_break_glass,
    m0008_seals,
)

MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    m0001_first.upgrade,
    m0002_users.upgrade,
    m0003_tag_context.upgrade,
    m0004_classification.upgrade,
    m0005_tag_index.upgrade,
    m0006_doomed_files.upgrade,
    m0007_break_glass.upgrade,
    m0008_seals.upgrade,
)

LATEST = len(MIGRATIONS)
