"""The audit chain: every act leaves a record that cannot be altered unnoticed.

Each record carries an HMAC over its predecessor's hash and its own canonical text, so that whoever changes,
removes or moves a record must know the key. The last record's number and hash are also kept beside the store,
which shows a cut-off end. What cannot be seen from here: an end cut off together with an older copy of that
file put back. A checkpoint (`lakeward.catalog.checkpoint`) kept on another machine shows that too.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from lakeward.catalog.audit_head import ChainHead
from lakeward.catalog.audit_open import BEGUN, FINISHED, OpenStatements
from lakeward.catalog.checkpoint import Checkpoint
from lakeward.catalog.errors import CheckFailedError, UnavailableError
from lakeward.catalog.group_writer import GroupFailedError, GroupWriter
from lakeward.catalog.store import Store
from lakeward.catalog.store.ready_query import ReadyQuery
from lakeward.catalog.store.schema import audit_record

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]

_START = "0" * 64
_PAGE = 1000
_LAST = ReadyQuery(
    select(audit_record.c.seq, audit_record.c.hash).order_by(audit_record.c.seq.desc()).limit(1)
)
_INSERT = ReadyQuery(insert(audit_record))


class AuditUnavailableError(UnavailableError):
    """A record could not be made durable, so the act must not happen."""

    code = "audit-unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The audit record cannot be written, so nothing was done.",
            hint="Check the disk and the rights of the lake's folder, then run `lakeward doctor`.",
        )


class BrokenChainError(CheckFailedError):
    """The audit chain does not verify."""

    code = "audit-chain-broken"

    def __init__(self, faults: tuple["AuditFault", ...]) -> None:
        first = faults[0]
        super().__init__(
            f"The audit chain does not verify: {len(faults)} fault(s), the first at record {first.seq}: "
            f"{first.what}.",
            hint="Keep the store as it is and compare it with a backup; list the faults with `lakeward audit "
            "verify`.",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditEvent:
    """Something that happened. `details` holds names, counts and fingerprints, never a data value."""

    kind: str
    principal: str
    purpose: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditRecord:
    """One link of the chain."""

    seq: int
    at: str
    kind: str
    principal: str
    purpose: str | None
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFault:
    """What is wrong at one place of the chain."""

    seq: int
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditVerification:
    """What verifying found; `records` were read.

    `unfinished` are the numbers of statements without an end: they run now, or whoever served them died.
    """

    records: int
    last_hash: str
    faults: tuple[AuditFault, ...]
    unfinished: tuple[int, ...] = ()

    @property
    def is_intact(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.faults

    def require(self) -> None:
        """Raise when something was found wrong.

        Raises:
            BrokenChainError: There are faults.
        """
        if self.faults:
            raise BrokenChainError(self.faults)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Prepared:
    """An event with its time and its canonical text, but for the number that it will have."""

    event: AuditEvent
    at: str
    text: str

    def document(self, seq: int) -> str:
        """Return the whole text: of its keys, `seq` sorts last."""
        return f'{self.text[:-1]},"seq":{seq}}}'


class AuditChain:
    """The one chain of a lake, whatever number of threads and processes write it."""

    def __init__(self, store: Store, key: bytes, head: Path | None = None) -> None:
        self._store = store
        self._key = key
        self._head = ChainHead(head) if head is not None else None
        self._writer = GroupWriter(self._write, self._note, "lakeward-audit")

    def append(self, event: AuditEvent) -> AuditRecord:
        """Add a record; it is durable when this returns, and so is every one that was added before it.

        Raises:
            AuditUnavailableError: It could not be written.
        """
        prepared = _prepared(event)
        try:
            return self._writer.append(prepared)
        except (GroupFailedError, UnavailableError, OSError):
            raise AuditUnavailableError from None

    def append_later(self, event: AuditEvent) -> None:
        """Add a record of what has happened already, and do not wait for it.

        It is durable soon, and at the latest when a later `append` returns or this process ends. While it
        cannot be written, no `append` succeeds: what must be recorded does not happen.

        Raises:
            AuditUnavailableError: It is no record that any store could hold.
        """
        self._writer.append_later(_prepared(event))

    def flush(self) -> None:
        """Return when every record that was added is durable.

        Raises:
            AuditUnavailableError: One cannot be written.
        """
        try:
            self._writer.flush()
        except (GroupFailedError, UnavailableError, OSError):
            raise AuditUnavailableError from None

    def records(
        self,
        *,
        limit: int = 100,
        kind: str | None = None,
        principal: str | None = None,
        since: str | None = None,
    ) -> list[AuditRecord]:
        """Give the newest records first, narrowed by kind, principal and ISO time.

        Raises:
            AuditUnavailableError: One that was added before cannot be written.
        """
        self.flush()
        query = select(audit_record).order_by(audit_record.c.seq.desc()).limit(limit)
        if kind is not None:
            query = query.where(audit_record.c.kind == kind)
        if principal is not None:
            query = query.where(audit_record.c.principal == principal)
        if since is not None:
            query = query.where(audit_record.c.at >= since)
        with self._store.reading() as connection:
            return [_record(row) for row in connection.execute(query)]

    def verify(self, checkpoint: Checkpoint | None = None) -> AuditVerification:
        """Read the chain from its start and report every break.

        Args:
            checkpoint: An end of the chain kept elsewhere; a chain that does not hold it was cut or
                rewritten.

        Raises:
            AuditUnavailableError: A record that was added before cannot be written.
        """
        self.flush()
        faults: list[AuditFault] = []
        noted = self._head.read() if self._head else (0, "")  # first: the chain may grow while it is read
        marks = {checkpoint.seq: checkpoint.hash} if checkpoint and checkpoint.seq else {}
        count, previous, expected = 0, _START, 1
        begun = OpenStatements()
        for row in self._rows():
            begun.see(row)
            faults += [AuditFault(row.seq, what) for what in self._faults(row, expected, previous)]
            if row.seq in marks and marks.pop(row.seq) != row.hash:
                faults.append(AuditFault(row.seq, "it is not the record that the checkpoint saw"))
            if noted and noted == (row.seq, noted[1]) and noted[1] != row.hash:
                faults.append(AuditFault(row.seq, "it is not the record that was written"))
            count, previous, expected = count + 1, row.hash, row.seq + 1
        faults += [AuditFault(seq, "the checkpoint saw it; the chain ends before it") for seq in marks]
        faults += self._end_faults(expected - 1, noted)
        unfinished = tuple(row.seq for row in begun)
        return AuditVerification(
            records=count, last_hash=previous, faults=tuple(faults), unfinished=unfinished
        )

    def unfinished(self) -> list[AuditRecord]:
        """Give the statements without an end, newest first: they run now, or whoever served them died.

        Raises:
            AuditUnavailableError: A record that was added before cannot be written.
        """
        self.flush()
        begun = OpenStatements()
        for row in self._rows(audit_record.c.kind.in_([BEGUN, FINISHED])):
            begun.see(row)
        return [_record(row) for row in begun][::-1]

    def end(self) -> tuple[int, str]:
        """Give the last record's number and hash; 0 and zeros for a chain without one.

        Raises:
            AuditUnavailableError: A record that was added before cannot be written.
        """
        self.flush()
        with self._store.reading() as connection:
            return _end(connection)

    def _write(self, events: Sequence[_Prepared]) -> Sequence[AuditRecord]:
        """Write some records in one transaction, all or none."""
        with self._store.writing() as connection:
            seq, digest = _end(connection)
            records: list[AuditRecord] = []
            rows: list[dict[str, object]] = []
            for each in events:
                seq += 1
                row, digest = self._row(each, seq, digest)
                rows.append(row)
                records.append(_written(each, seq, digest))
            _INSERT.write(connection, rows)
        return records

    def _row(self, prepared: _Prepared, seq: int, previous: str) -> tuple[dict[str, object], str]:
        event, document = prepared.event, prepared.document(seq)
        digest = self._digest(previous, document)
        row: dict[str, object] = {
            "seq": seq,
            "at": prepared.at,
            "kind": event.kind,
            "principal": event.principal,
            "purpose": event.purpose,
            "document": document,
            "previous_hash": previous,
            "hash": digest,
        }
        return row, digest

    def _note(self, records: Sequence[AuditRecord]) -> None:
        """Note the chain's end, after the commit."""
        if self._head is not None:
            self._head.note(records[-1].seq, records[-1].hash)

    def _rows(self, *conditions: ColumnElement[bool]) -> Iterator[Row[Any]]:
        last = -1
        while True:
            query = (
                select(audit_record)
                .where(audit_record.c.seq > last, *conditions)
                .order_by(audit_record.c.seq)
                .limit(_PAGE)
            )
            with self._store.reading() as connection:
                page = connection.execute(query).all()
            if not page:
                return
            yield from page
            last = page[-1].seq

    def _faults(self, row: Row[Any], expected: int, previous: str) -> Iterator[str]:
        if row.seq != expected:
            yield f"record {expected} should stand here"
        elif row.previous_hash != previous:
            yield "it does not follow the record before it"
        if not _equal(row.hash, self._digest(row.previous_hash, row.document)):
            yield "it was changed"
        elif not _agrees(row):
            yield "its columns do not agree with its text"

    def _end_faults(self, seq: int, noted: tuple[int, str] | None) -> Iterator[AuditFault]:
        if self._head is None:
            return
        if noted is None:
            if seq:
                yield AuditFault(
                    seq,
                    f"the file {self._head.path.name}, which holds the chain's end, is missing or damaged",
                )
        elif noted[0] > seq:
            yield AuditFault(noted[0], f"the chain ends at record {seq}, but was once this long")

    def _digest(self, previous: str, document: str) -> str:
        return hmac.new(self._key, f"{previous}\n{document}".encode(), hashlib.sha256).hexdigest()


def _end(connection: Connection) -> tuple[int, str]:
    last = _LAST.rows(connection, {})
    return (last[0].seq, last[0].hash) if last else (0, _START)


def _prepared(event: AuditEvent) -> _Prepared:
    """Write an event out, so that one which no store can hold fails alone and not with its group."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    named = {"at": at, "kind": event.kind, "principal": event.principal, "purpose": event.purpose}
    text = _canonical({**named, "details": event.details})
    columns = ((event.kind, 64), (event.principal, 255), (event.purpose or "", 255))
    fits = all(len(each) <= most and "\x00" not in each for each, most in columns)
    if not fits or any("\ud800" <= each <= "\udfff" for each in ("" if text.isascii() else text)):
        raise AuditUnavailableError
    return _Prepared(event=event, at=at, text=text)


def _written(prepared: _Prepared, seq: int, digest: str) -> AuditRecord:
    event = prepared.event
    return AuditRecord(
        seq=seq,
        at=prepared.at,
        kind=event.kind,
        principal=event.principal,
        purpose=event.purpose,
        details=event.details,
        hash=digest,
    )


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _equal(found: object, expected: str) -> bool:
    """Compare in constant time; what was tampered with may be of any type."""
    return isinstance(found, str) and hmac.compare_digest(found.encode("utf-8", "replace"), expected.encode())


def _agrees(row: Row[Any]) -> bool:
    document = json.loads(row.document)
    return all(
        document.get(key) == getattr(row, key) for key in ("seq", "at", "kind", "principal", "purpose")
    )


def _record(row: Row[Any]) -> AuditRecord:
    return AuditRecord(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        principal=row.principal,
        purpose=row.purpose,
        details=json.loads(row.document)["details"],
        hash=row.hash,
    )
