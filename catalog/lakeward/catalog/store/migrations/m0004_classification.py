"""What the classifier last said of each column. Frozen."""

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, MetaData, String, Table, Text


def upgrade(connection: Connection) -> None:
    """Make the table of verdicts."""
    metadata = MetaData()
    Table(
        "classification",
        metadata,
        Column("table_uuid", String(64), primary_key=True),
        Column("field_id", Integer, primary_key=True, autoincrement=False),
        Column("at", String(32), nullable=False),
        Column("path", String(1000), nullable=False),
        Column("classifier", String(16), nullable=False),
        Column("fingerprint", String(64), nullable=False),
        Column("snapshot_id", BigInteger),
        Column("role", String(16), nullable=False),
        Column("tags", Text, nullable=False),
        Column("confidence", Float, nullable=False),
        Column("applied", Text, nullable=False),
    )
    metadata.create_all(connection)
