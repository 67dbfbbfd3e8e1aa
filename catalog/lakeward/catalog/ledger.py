"""The tag ledger: which signed sets of tags the store knows, and every act on a tag.

Store and table cannot commit as one, so a set is written here as `pending` before the table's commit and
becomes `applied` after it. A table may carry the applied set, or one that is pending (its commit landed, the
note did not). Any other set, however well signed, is an old one put back.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from lakeward.catalog.context import Former, TagContext, read_former
from lakeward.catalog.effective import TABLE
from lakeward.catalog.signature import SignedTags
from lakeward.catalog.store import Store
from lakeward.catalog.store.ready_query import ReadyQuery
from lakeward.catalog.store.schema import tag_commit, tag_context, tag_ledger

PENDING, APPLIED, ABANDONED = "pending", "applied", "abandoned"


@dataclass(frozen=True, slots=True)
class TagAct:
    """One act on one tag: `set`, `remove` or `accept`."""

    action: str
    path: str
    field_id: int | None
    tag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRow:
    """One act as the ledger holds it."""

    at: str
    name: str
    path: str
    field_id: int | None
    tag: str
    action: str
    actor: str
    reason: str | None
    state: str


@dataclass(frozen=True, slots=True)
class KnownContext:
    """What a set was made of, as far as every reading needs it; `known_columns` gives the rest."""

    commit_id: int
    name: str
    columns_digest: str
    former: Former


@dataclass(frozen=True, slots=True)
class KnownSets:
    """The sets that a subject may carry now: the applied one, and what is pending on top of it.

    `contexts` are by digest; a namespace's sets have none.
    """

    applied: SignedTags | None
    pending: tuple[SignedTags, ...]
    contexts: Mapping[str, KnownContext] = field(default_factory=dict)

    def carried(self, digest: str) -> SignedTags | None:
        """Give the set with some digest, or the applied one."""
        return next((each for each in self.pending if each.digest == digest), self.applied)


_LAST = (
    select(func.coalesce(func.max(tag_commit.c.generation), 0))
    .where(tag_commit.c.subject == bindparam("subject"), tag_commit.c.state == APPLIED)
    .scalar_subquery()
)
_KNOWN = ReadyQuery(
    select(
        tag_commit.c.id,
        tag_commit.c.generation,
        tag_commit.c.digest,
        tag_commit.c.tags,
        tag_commit.c.state,
        tag_context.c.name,
        tag_context.c.columns_digest,
        tag_context.c.former,
    )
    .outerjoin_from(tag_commit, tag_context, tag_context.c.commit_id == tag_commit.c.id)
    .where(
        tag_commit.c.subject == bindparam("subject"),
        tag_commit.c.generation >= _LAST,
        tag_commit.c.state != ABANDONED,
    )
    .order_by(tag_commit.c.id)
)


def known_sets(connection: Connection, subject: str) -> KnownSets:
    """Read the last applied set of a subject, and the pending sets after it."""
    return sets_of(known_rows(connection, subject))


def known_rows(connection: Connection, subject: str) -> Sequence[Row[Any]]:
    """Read all that `sets_of` goes by."""
    return _KNOWN.rows(connection, {"subject": subject})


def sets_of(rows: Sequence[Row[Any]]) -> KnownSets:
    """Find the last applied set of a subject, and the pending sets after it, in what was read of it."""
    applied = [_signed(row.generation, row.digest, row.tags) for row in rows if row.state == APPLIED]
    newest = applied[-1] if applied else None
    floor = newest.generation if newest else 0
    waiting = (row for row in rows if row.state == PENDING and row.generation > floor)
    contexts = {
        row.digest: KnownContext(row.id, row.name, row.columns_digest, read_former(row.former))
        for row in rows
        if row.name is not None
    }
    return KnownSets(
        newest, tuple(_signed(row.generation, row.digest, row.tags) for row in waiting), contexts
    )


def known_columns(connection: Connection, context: KnownContext) -> dict[str, str]:
    """Read the paths, by field-id, that lakeward knew when a set was made."""
    query = select(tag_context.c.columns).where(tag_context.c.commit_id == context.commit_id)
    columns: dict[str, str] = json.loads(connection.execute(query).scalar_one())
    return columns


def tags_since(connection: Connection, subject: str, moment: str) -> frozenset[str]:
    """Give every tag that a namespace bore as a whole at a moment (an ISO time in UTC) or after it."""
    c = tag_commit.c
    query = select(c.at, c.tags).where(c.subject == subject, c.state == APPLIED).order_by(c.generation)
    rows = connection.execute(query).all()
    before = [row for row in rows if row.at <= moment][-1:]
    found = [*before, *(row for row in rows if row.at > moment)]
    return frozenset(tag for row in found for tag in json.loads(row.tags).get(TABLE, ()))


def write_pending(  # noqa: PLR0913  a set and all that is known of it
    store: Store,
    subject: str,
    name: str,
    signed: SignedTags,
    acts: Sequence[TagAct],
    by: tuple[str, str | None],
    *,
    context: TagContext | None = None,
) -> int:
    """Write a set ahead of its commit, with its acts, (actor, reason) and context; gives the commit's id."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    actor, reason = by
    with store.writing() as connection:
        made = connection.execute(
            insert(tag_commit).values(
                at=now,
                subject=subject,
                generation=signed.generation,
                digest=signed.digest,
                tags=json.dumps({key: sorted(tags) for key, tags in signed.tags.items()}),
                state=PENDING,
            )
        )
        commit_id = (
            int(made.lastrowid) if made.inserted_primary_key is None else int(made.inserted_primary_key[0])
        )
        shared = {
            "commit_id": commit_id,
            "at": now,
            "subject": subject,
            "name": name,
            "actor": actor,
            "reason": reason,
        }
        rows = [
            {**shared, "action": a.action, "path": a.path, "field_id": a.field_id, "tag": a.tag} for a in acts
        ]
        if rows:
            connection.execute(insert(tag_ledger), rows)
        if context:
            connection.execute(insert(tag_context).values(context.row(commit_id)))
    return commit_id


def settle(store: Store, commit_id: int, state: str) -> None:
    """Note what became of a pending set."""
    with store.writing() as connection:
        connection.execute(
            update(tag_commit)
            .where(tag_commit.c.id == commit_id, tag_commit.c.state == PENDING)
            .values(state=state)
        )


def settle_found(store: Store, subject: str, carried: SignedTags) -> None:
    """Note that the set which a subject was found to carry has been applied, if it was pending."""
    with store.writing() as connection:
        connection.execute(
            update(tag_commit)
            .where(
                tag_commit.c.subject == subject,
                tag_commit.c.digest == carried.digest,
                tag_commit.c.state == PENDING,
            )
            .values(state=APPLIED)
        )


def last_generation(store: Store, subject: str) -> int:
    """Give the highest generation ever written for a subject, whatever became of it."""
    with store.reading() as connection:
        query = select(func.max(tag_commit.c.generation)).where(tag_commit.c.subject == subject)
        return connection.execute(query).scalar() or 0


def history(store: Store, subjects: Sequence[str]) -> list[LedgerRow]:
    """Give every act on the tags of some subjects, oldest first."""
    query = (
        select(tag_ledger, tag_commit.c.state)
        .join(tag_commit, tag_commit.c.id == tag_ledger.c.commit_id)
        .where(tag_ledger.c.subject.in_(subjects))
        .order_by(tag_ledger.c.id)
    )
    names = ("at", "name", "path", "field_id", "tag", "action", "actor", "reason", "state")
    with store.reading() as connection:
        return [
            LedgerRow(**{name: getattr(row, name) for name in names}) for row in connection.execute(query)
        ]


def _signed(generation: int, digest: str, tags: str) -> SignedTags:
    return SignedTags(generation, digest, {key: frozenset(each) for key, each in json.loads(tags).items()})
