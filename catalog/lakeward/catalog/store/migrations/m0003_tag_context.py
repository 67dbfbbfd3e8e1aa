"""What a set of tags was made of: the table's name, its columns, and the tags taken off before. Frozen."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

_APPEND_ONLY = ("tag_context", "erased_snapshot")


def upgrade(connection: Connection) -> None:
    """Make the tables, and the triggers that keep their rows from being changed."""
    metadata = MetaData()
    Table("tag_commit", metadata, Column("id", Integer, primary_key=True))
    Table(
        "tag_context",
        metadata,
        Column("commit_id", Integer, ForeignKey("tag_commit.id"), primary_key=True, autoincrement=False),
        Column("name", String(255), nullable=False),
        Column("snapshot_id", BigInteger),
        Column("columns_digest", String(64), nullable=False),
        Column("columns", Text, nullable=False),
        Column("former", Text, nullable=False),
    )
    Table(
        "erased_snapshot",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("at", String(32), nullable=False),
        Column("table_uuid", String(64), nullable=False),
        Column("snapshot_id", BigInteger, nullable=False),
        Column("sequence_number", BigInteger, nullable=False),
        Column("state", String(16), nullable=False),
        Index("erased_snapshot_table", "table_uuid"),
    )
    metadata.create_all(connection)
    for table in _APPEND_ONLY:
        _refuse_changes(connection, table)


def _refuse_changes(connection: Connection, table: str) -> None:
    if connection.dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION lakeward_append_only()"
    )
