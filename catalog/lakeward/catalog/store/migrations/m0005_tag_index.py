"""An index of the tags in effect, and what tells quickly whether it is still right. Frozen."""

from sqlalchemy import Column, Connection, Index, Integer, MetaData, String, Table


def upgrade(connection: Connection) -> None:
    """Make the tables of the index."""
    metadata = MetaData()
    Table(
        "tag_indexed",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(255), nullable=False),
        Column("stamp", String(64), nullable=False),
        Column("table_uuid", String(64), nullable=False),
        Column("columns", Integer, nullable=False),
        Column("classified", Integer, nullable=False),
        Index("tag_indexed_name", "name", unique=True),
    )
    Table(
        "tag_index",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("table_id", Integer, nullable=False),
        Column("place", Integer, nullable=False),
        Column("path", String(1000), nullable=False),
        Column("tag", String(255), nullable=False),
        Column("source", String(1000), nullable=False),
        Index("tag_index_tag", "tag"),
        Index("tag_index_table", "table_id"),
    )
    metadata.create_all(connection)
    connection.exec_driver_sql("CREATE INDEX tag_commit_state ON tag_commit (subject, state, id)")
