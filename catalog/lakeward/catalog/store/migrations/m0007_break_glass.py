"""Requests for emergency access. Frozen."""

from sqlalchemy import Column, Connection, Index, MetaData, String, Table, Text


def upgrade(connection: Connection) -> None:
    """Make the table of requests."""
    metadata = MetaData()
    Table(
        "break_glass_request",
        metadata,
        Column("id", String(16), primary_key=True),
        Column("grant_id", String(100), nullable=False),
        Column("principal", String(255), nullable=False),
        Column("purpose", String(255), nullable=False),
        Column("reason", Text, nullable=False),
        Column("requested_at", String(32), nullable=False),
        Column("until", String(32), nullable=False),
        Column("seal", String(64), nullable=False),
        Column("ended_at", String(32)),
        Column("reviewed_at", String(32)),
        Column("reviewed_by", String(255)),
        Column("outcome", String(16)),
        Column("note", Text),
        Index("break_glass_request_principal", "principal", "purpose"),
    )
    metadata.create_all(connection)
