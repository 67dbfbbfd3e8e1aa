"""The store's tables as they are after the last migration; a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

schema_version = Table(
    "schema_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
)

audit_record = Table(
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

# One row to each signed set of tags. `subject` is a table's uuid, or `namespace:<name>`.
tag_commit = Table(
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
    Index("tag_commit_state", "subject", "state", "id"),
)

# One row to each act on one tag, never changed.
tag_ledger = Table(
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

# What a signed set was made of. `columns` are the paths by field-id that lakeward knows, `former` the tags
# that were taken off, with the snapshot from which that counts.
tag_context = Table(
    "tag_context",
    metadata,
    Column("commit_id", Integer, ForeignKey("tag_commit.id"), primary_key=True, autoincrement=False),
    Column("name", String(255), nullable=False),
    Column("snapshot_id", BigInteger),
    Column("columns_digest", String(64), nullable=False),
    Column("columns", Text, nullable=False),
    Column("former", Text, nullable=False),
)

# One row to each table whose tags in effect are in `tag_index`. It holds while the stamp is the table's:
# where its metadata file is, and what the ledger has on it and its namespace.
tag_indexed = Table(
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

# One row to each tag in effect on a column; `source` is where it is set.
tag_index = Table(
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

# One row to each step of an erasure: `pending`, then `applied` or `abandoned`. The snapshot is the one
# without the rows.
erased_snapshot = Table(
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

# One row to each file that is to be deleted once no snapshot of its table needs it; gone when it is done.
doomed_file = Table(
    "doomed_file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("table_uuid", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("path", Text, nullable=False),
    Index("doomed_file_table", "table_uuid"),
)

lineage_event = Table(
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

lineage_edge = Table(
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

contract_result = Table(
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

table_owner = Table(
    "table_owner",
    metadata,
    Column("table_uuid", String(64), primary_key=True),
    Column("owner", String(255), nullable=False),
)

# One row to each user; no password, only what SCRAM-SHA-256 checks one by. Without a password the four are
# NULL. A row whose seal is not the lake's counts as revoked, and so does a token's.
user_account = Table(
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
    Column("seal", String(64)),
)

# One row to each token; of its secret only a hash.
user_token = Table(
    "user_token",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("expires_at", String(32), nullable=False),
    Column("revoked_at", String(32)),
    Column("seal", String(64)),
    Index("user_token_name", "name"),
)

# One row to each column that was classified: the last verdict, and what a reviewer had applied from one.
classification = Table(
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

# One row to each request for emergency access. What was asked is sealed with a key of the lake.
break_glass_request = Table(
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
