"""What a database must do for the store's promises to hold: refuse changes of records, keep commits."""

from collections.abc import Iterator
from typing import Literal

from sqlalchemy import Connection, text

from lakeward.catalog.store.store import Store

_SQLITE_TRIGGERS = frozenset(
    f"{table}_no_{act}"
    for table in ("audit_record", "tag_ledger", "tag_commit")
    for act in ("update", "delete")
)
_POSTGRES_TRIGGERS = frozenset(
    {"audit_record_append_only", "tag_ledger_append_only", "tag_commit_no_delete", "tag_commit_no_update"}
)
_FIRING = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
Fault = tuple[Literal["warn", "error"], str, str]
_KEEPING = ("fsync", "full_page_writes")


def store_faults(store: Store) -> Iterator[Fault]:
    """Give each thing that a store's database does not do as it must: how grave, what, what to do."""
    with store.reading() as connection:
        if connection.dialect.name == "sqlite":
            yield from _missing_triggers(
                _SQLITE_TRIGGERS, connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            )
        elif connection.dialect.name == "postgresql":
            yield from _missing_triggers(_POSTGRES_TRIGGERS, connection, _FIRING)
            yield from _postgres_faults(connection)


def _missing_triggers(expected: frozenset[str], connection: Connection, query: str) -> Iterator[Fault]:
    missing = sorted(expected - {row[0] for row in connection.execute(text(query))})
    if missing:
        yield (
            "error",
            f"The store's records could be changed: {', '.join(missing)} is missing or off.",
            "Find out who took it away, run `lakeward audit verify`, and restore it from a backup.",
        )


def _postgres_faults(connection: Connection) -> Iterator[Fault]:
    for setting in _KEEPING:
        if connection.execute(text("SELECT current_setting(:name)"), {"name": setting}).scalar() != "on":
            yield (
                "error",
                f"The PostgreSQL server runs with {setting} = off: a crash may lose audit records.",
                f"Set `{setting} = on` in postgresql.conf and reload the server.",
            )
    if connection.execute(text("SELECT current_setting('is_superuser')")).scalar() == "on":
        yield (
            "warn",
            "lakeward signs in to PostgreSQL as a superuser, which may change records.",
            "Give it a role of its own: `CREATE ROLE lakeward LOGIN`.",
        )
