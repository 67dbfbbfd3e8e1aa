"""Seals of accounts and tokens. Frozen."""

from sqlalchemy import Connection, text


def upgrade(connection: Connection) -> None:
    """Add them; what was made before has none, and counts as revoked until it is made again."""
    for table in ("user_account", "user_token"):
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN seal VARCHAR(64)"))
