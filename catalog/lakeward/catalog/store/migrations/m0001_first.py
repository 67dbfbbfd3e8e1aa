"""The first version of the store. Frozen: a later change is a later migration."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

_APPEND_ONLY = ("audit_record", "tag_ledger")
_NO_TAG_COMMIT_CHANGE = """
CREATE TRIGGER tag_commit_no_update BEFORE UPDATE ON tag_commit
WHEN NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.subject IS NOT OLD.subject
  OR NEW.digest IS NOT OLD.digest
  OR NEW.generation IS NOT OLD.generation OR NEW.tags IS NOT OLD.tags OR OLD.state <> 'pending'
BEGIN SELECT RAISE(ABORT, 'tag_commit: only a pending state may change'); END
"""

_POSTGRES = (
    "CREATE FUNCTION lakeward_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION lakeward_append_only()"
        for table in _APPEND_ONLY
    ),
    "CREATE TRIGGER tag_commit_no_delete BEFORE DELETE OR TRUNCATE ON tag_commit "
    "FOR EACH STATEMENT EXECUTE FUNCTION lakeward_append_only()",
    "CREATE TRIGGER tag_commit_no_update BEFORE UPDATE ON tag_commit FOR EACH ROW "
    "WHEN ((NEW.id, NEW.at, NEW.subject, NEW.generation, NEW.digest, NEW.tags) IS DISTINCT FROM "
    "(OLD.id, OLD.at, OLD.subject, OLD.generation, OLD.digest, OLD.tags) OR OLD.state <> 'pending') "
    "EXECUTE FUNCTION lakeward_append_only()",
)


def upgrade(connection: Connection) -> None:
    """Make every table, and the triggers that keep records from being changed."""
    metadata = MetaData()
    _governance(metadata)
    _lineage(metadata)
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        _refuse_changes(connection)
    elif connection.dialect.name == "postgresql":
        for statement in _POSTGRES:
            connection.exec_driver_sql(statement)


def _governance(metadata: MetaData) -> None:
    Table(
        "audit_record",
        metadata,
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("at", String(32), nullable=False),
        Column("kind", String(64), nullable=False),
        Column("principal", String(255), nullable=False),
        Column("purpose", String(255)),
        Column("document", Text, nullable=False),
        Column("previous_hash", String(64), nullable=False),
        Column("hash", String(64), nullable=False),
        Index("audit_record_kind", "kind"),
        Index("audit_record_principal", "principal"),
    )
    Table(
        "tag_commit",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("at", String(32), nullable=False),
        Column("subject", String(255), nullable=False),
        Column("generation", Integer, nullable=False),
        Column("digest", String(80), nullable=False),
        Column("tags", Text, nullable=False),
        Column("state", String(16), nullable=False),
        Index("tag_commit_subject", "subject", "generation"),
    )
    Table(
        "tag_ledger",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("commit_id", Integer, ForeignKey("tag_commit.id"), nullable=False),
        Column("at", String(32), nullable=False),
        Column("subject", String(255), nullable=False),
        Column("name", String(255), nullable=False),
        Column("field_id", Integer),
        Column("path", String(1000), nullable=False),
        Column("tag", String(255), nullable=False),
        Column("action", String(16), nullable=False),
        Column("actor", String(255), nullable=False),
        Column("reason", Text),
        Index("tag_ledger_subject", "subject"),
    )
    Table(
        "table_owner",
        metadata,
        Column("table_uuid", String(64), primary_key=True),
        Column("owner", String(255), nullable=False),
    )


def _lineage(metadata: MetaData) -> None:
    Table(
        "lineage_event",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("run_id", String(64), nullable=False),
        Column("event_time", String(40), nullable=False),
        Column("event_type", String(32), nullable=False),
        Column("job_namespace", String(255), nullable=False),
        Column("job_name", String(255), nullable=False),
        Column("document", Text, nullable=False),
        Index("lineage_event_run", "run_id"),
    )
    Table(
        "lineage_edge",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("run_id", String(64), nullable=False),
        Column("output_dataset", String(512), nullable=False),
        Column("output_field", String(512)),
        Column("input_dataset", String(512), nullable=False),
        Column("input_field", String(512)),
        Column("kind", String(16), nullable=False),
        Column("subtype", String(64), nullable=False),
        Column("masking", Boolean, nullable=False),
        Index("lineage_edge_output", "output_dataset"),
        Index("lineage_edge_input", "input_dataset"),
        Index("lineage_edge_run", "run_id"),
    )
    Table(
        "contract_result",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("at", String(32), nullable=False),
        Column("contract_id", String(255), nullable=False),
        Column("contract_version", String(64), nullable=False),
        Column("table_name", String(255), nullable=False),
        Column("snapshot_id", BigInteger),
        Column("success", Boolean, nullable=False),
        Column("document", Text, nullable=False),
        Index("contract_result_table", "table_name"),
    )


def _refuse_changes(connection: Connection) -> None:
    for table in _APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    connection.exec_driver_sql(_NO_TAG_COMMIT_CHANGE)
    connection.exec_driver_sql(
        "CREATE TRIGGER tag_commit_no_delete BEFORE DELETE ON tag_commit "
        "BEGIN SELECT RAISE(ABORT, 'tag_commit is append-only'); END"
    )
