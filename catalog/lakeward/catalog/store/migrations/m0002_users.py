"""Users, who sign in at the gateway's doors, and their tokens."""

from sqlalchemy import Column, Connection, Index, Integer, MetaData, String, Table


def upgrade(connection: Connection) -> None:
    """Make the tables of users and tokens."""
    metadata = MetaData()
    Table(
        "user_account",
        metadata,
        Column("name", String(128), primary_key=True),
        Column("created_at", String(32), nullable=False),
        Column("changed_at", String(32), nullable=False),
        Column("revoked_at", String(32)),
        Column("salt", String(64)),
        Column("iterations", Integer),
        Column("stored_key", String(64)),
        Column("server_key", String(64)),
    )
    Table(
        "user_token",
        metadata,
        Column("id", String(16), primary_key=True),
        Column("name", String(128), nullable=False),
        Column("hash", String(64), nullable=False),
        Column("created_at", String(32), nullable=False),
        Column("expires_at", String(32), nullable=False),
        Column("revoked_at", String(32)),
        Index("user_token_name", "name"),
    )
    metadata.create_all(connection)
