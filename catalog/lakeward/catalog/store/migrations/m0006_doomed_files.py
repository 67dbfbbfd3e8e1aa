"""Files that are to be deleted once no snapshot needs them. Frozen."""

from sqlalchemy import Column, Connection, Index, Integer, MetaData, String, Table, Text


def upgrade(connection: Connection) -> None:
    """Make the table."""
    metadata = MetaData()
    Table(
        "doomed_file",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("at", String(32), nullable=False),
        Column("table_uuid", String(64), nullable=False),
        Column("name", String(255), nullable=False),
        Column("path", Text, nullable=False),
        Index("doomed_file_table", "table_uuid"),
    )
    metadata.create_all(connection)
