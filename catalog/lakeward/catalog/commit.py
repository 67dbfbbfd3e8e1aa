"""One Iceberg commit that carries data, schema and tags, between its audit record and its ledger rows.

The order: the audit record; the new set of tags as `pending`; the commit, which fails when anybody changed
the tags since they were read; `applied`. Whatever is interrupted leaves a table that can be read as it was or
as it became.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from pydantic import Field as Declared
from pyiceberg.exceptions import ValidationException
from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.update import TableRequirement, ValidatableTableRequirement

from lakeward.catalog.audit import AuditEvent
from lakeward.catalog.commit_tags import Retag, plan_tags, require_reason, schema_fields
from lakeward.catalog.effective import OwnTags
from lakeward.catalog.errors import LakewardError, UnavailableError
from lakeward.catalog.iceberg import ConflictError, iceberg_errors, load_table
from lakeward.catalog.lake import Lake
from lakeward.catalog.ledger import (
    ABANDONED,
    APPLIED,
    TagAct,
    last_generation,
    settle,
    settle_found,
    write_pending,
)
from lakeward.catalog.names import TableName
from lakeward.catalog.pin import read_table
from lakeward.catalog.rows import TableNotFoundError, catalog_rows, metadata_location
from lakeward.catalog.signature import DIGEST, PREFIX, UNTAGGED, SignedTags, sign
from lakeward.catalog.types import Field

_ATTEMPTS = 20
_WAIT_SECONDS = 0.02


class OutcomeUnknownError(UnavailableError):
    """The catalog failed during a commit, and cannot say whether it landed."""

    code = "outcome-unknown"

    def __init__(self, name: TableName) -> None:
        super().__init__(
            f"The catalog failed while {name} was being changed; whether the change landed is unknown.",
            hint="When it is back, see `lakeward table history` before giving the command again.",
        )


class TagsMovedError(ValidationException):
    """Somebody changed the table's tags since they were read; pyiceberg must not try again on its own."""


class AssertTags(ValidatableTableRequirement):
    """A requirement of the commit: the table still carries the tags that the new ones were made from."""

    type: Literal["assert-lakeward-tags"] = Declared(default="assert-lakeward-tags")
    digest: str

    def validate(self, base_metadata: TableMetadata | None) -> None:  # type: ignore[override]  # as in pyiceberg
        """Hold the requirement against the metadata that is about to be replaced."""
        carried = base_metadata.properties.get(DIGEST, "") if base_metadata else ""
        if carried != self.digest:
            raise TagsMovedError("The tags were changed meanwhile.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """What is done to a table, by whom and why, for the audit record and the ledger.

    `overrides` says that it takes the place of tags that need not verify.
    """

    kind: str
    actor: str
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    overrides: bool = False


def keep_tags(_fields: tuple[Field, ...], own: OwnTags) -> tuple[OwnTags, list[TagAct]]:
    """Retag nothing."""
    return own, []


def change_table(
    lake: Lake,
    name: TableName,
    act: Act,
    *,
    retag: Retag = keep_tags,
    stage: Callable[[Transaction], None] | None = None,
) -> Table:
    """Change an existing table in one commit; tried again from a fresh reading when another writer was first.

    Args:
        lake: The lake.
        name: The table.
        act: What is done, for the record.
        retag: Gives the tags to set.
        stage: Stages schema and data; called once for each attempt.

    Raises:
        UnverifiedTagsError: The table's tags do not verify.
        ConflictError: Other writers were first every time.
    """
    for attempt in range(_ATTEMPTS):
        reading = read_table(lake, name)
        table = load_table(lake.iceberg(), name)
        if table.metadata_location == reading.metadata.location:
            with suppress(ConflictError):
                with iceberg_errors(name):
                    transaction = table.transaction()
                    if stage:
                        stage(transaction)
                return finish(lake, name, transaction, act, (reading.table.carried, retag))
        time.sleep(random.uniform(0, _WAIT_SECONDS * (attempt + 1)))  # noqa: S311  to part two writers, no secret
    raise ConflictError(name)


def finish(
    lake: Lake, name: TableName, transaction: Transaction, act: Act, tagging: tuple[SignedTags, Retag]
) -> Table:
    """Commit a staged transaction with its tags, audit record and ledger rows.

    Args:
        lake: The lake.
        name: The table.
        transaction: Schema and data, staged.
        act: What is done, for the record.
        tagging: The tags that the table carries, and what to make of them.
    """
    carried = tagging[0]
    change = plan_tags(lake, name, transaction, tagging, overrides=act.overrides)
    if change is None:
        _clean(transaction)
        raise ConflictError(name)
    staged, subject, acts = change.staged, change.subject, change.acts
    signed = _signed(lake, subject, change.tags, carried) if change.is_other else None
    commit_id = None
    try:
        require_reason(lake, change, act.reason)
        record(lake, name, act, staged, acts)
        if signed:
            with iceberg_errors(name):
                stage_tags(transaction, carried, signed)
            by = (act.actor, act.reason)
            commit_id = write_pending(
                lake.store, subject, str(name), signed, acts, by, context=change.context
            )
    except LakewardError:
        _clean(transaction)
        raise
    table = _committed(lake, name, transaction, act, (commit_id, signed))
    if commit_id is not None:
        settle(lake.store, commit_id, APPLIED)
    elif carried is not UNTAGGED:
        settle_found(lake.store, subject, carried)
    return table


def _committed(
    lake: Lake,
    name: TableName,
    transaction: Transaction,
    act: Act,
    tagging: tuple[int | None, SignedTags | None],
) -> Table:
    """Commit, and when that fails find out whether it landed all the same."""
    commit_id, signed = tagging
    snapshot_id = transaction.table_metadata.current_snapshot_id
    try:
        with iceberg_errors(name):
            return transaction.commit_transaction()
    except LakewardError:
        landed = _has_landed(lake, name, snapshot_id, signed)
        if landed is None:
            raise OutcomeUnknownError(name) from None
        if landed:
            return load_table(lake.iceberg(), name)
        _clean(transaction)
        if commit_id is not None:
            settle(lake.store, commit_id, ABANDONED)
        details = {"table": str(name), "failed": act.kind}
        lake.audit.append(AuditEvent(kind="commit.failed", principal=act.actor, details=details))
        raise


def _has_landed(
    lake: Lake, name: TableName, snapshot_id: int | None, signed: SignedTags | None
) -> bool | None:
    """Whether a table holds what a commit brought, by its snapshot or its tags; None: unknown."""
    try:
        with catalog_rows(lake.catalog_engine) as connection:
            location = metadata_location(connection, lake.config.name, name)
        metadata = lake.metadata(location)
    except TableNotFoundError:
        return False
    except LakewardError:
        return None
    if signed:
        return metadata.properties.get(DIGEST) == signed.digest
    return snapshot_id is not None and metadata.snapshot(snapshot_id) is not None


def _clean(transaction: Transaction) -> None:
    """Delete the manifests of a transaction that certainly did not land."""
    for producer in transaction._snapshot_producers:  # noqa: SLF001  pyiceberg cleans only after conflicts
        producer._clean_all_uncommitted()  # noqa: SLF001


def stage_tags(transaction: Transaction, carried: SignedTags, signed: SignedTags) -> None:
    """Stage a signed set of tags in place of the one that is carried."""
    requirement = cast("TableRequirement", AssertTags(digest=carried.digest))
    transaction._stage((), (requirement,))  # noqa: SLF001  pyiceberg has no public way to require
    present, wanted = transaction.table_metadata.properties, signed.properties()
    gone = [key for key in present if key.startswith(PREFIX) and key not in wanted]
    if gone:
        transaction.remove_properties(*gone)
    transaction.set_properties(wanted)


def fields_of(transaction: Transaction) -> tuple[Field, ...]:
    """Give the columns of a transaction's schema."""
    return schema_fields(transaction.table_metadata)


def record(lake: Lake, name: TableName, act: Act, metadata: TableMetadata, acts: Sequence[TagAct]) -> None:
    """Append the audit record of an act; without it the act does not happen."""
    details: dict[str, Any] = {"table": str(name), "uuid": str(metadata.table_uuid), **act.details}
    if metadata.current_snapshot_id is not None:
        details["snapshot_id"] = metadata.current_snapshot_id
    if acts:
        details["tags"] = [f"{each.action} {each.path} {each.tag}" for each in acts]
    if act.reason:
        details["reason"] = act.reason
    lake.audit.append(AuditEvent(kind=act.kind, principal=act.actor, details=details))


def _signed(lake: Lake, subject: str, tags: OwnTags, carried: SignedTags) -> SignedTags:
    generation = max(last_generation(lake.store, subject), carried.generation) + 1
    return sign(lake.keys.derive("tags"), subject, generation, tags)
