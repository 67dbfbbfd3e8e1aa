"""The audit chain: every act leaves a record that cannot be altered unnoticed.

Each record carries an HMAC over its predecessor's hash and its own canonical text, so that whoever changes,
removes or moves a record must know the key. The last record's number and hash are also kept beside the store,
which shows a cut-off end. What cannot be seen from here: an end cut off together with an older copy of that
file put back. A checkpoint (`lakeward.catalog.checkpoint`) kept on another machine shows that too.
"""

import hashlib
import hmac
import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from lakeward.catalog.checkpoint import Checkpoint
from lakeward.catalog.errors import CheckFailedError, UnavailableError
from lakeward.catalog.store import Store
from lakeward.catalog.store.schema import audit_record

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]

_START = "0" * 64
_PAGE = 1000


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
    """What verifying found; `records` were read."""

    records: int
    last_hash: str
    faults: tuple[AuditFault, ...]

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


class AuditChain:
    """The one chain of a lake, whatever number of processes write it."""

    def __init__(self, store: Store, key: bytes, head: Path | None = None) -> None:
        self._store = store
        self._key = key
        self._head = head

    def append(self, event: AuditEvent) -> AuditRecord:
        """Add a record; it is durable when this returns.

        Raises:
            AuditUnavailableError: It could not be written.
        """
        try:
            with self._store.writing() as connection:
                record = self._insert(connection, event)
            self._write_head(record)
        except (UnavailableError, OSError):
            raise AuditUnavailableError from None
        return record

    def records(
        self,
        *,
        limit: int = 100,
        kind: str | None = None,
        principal: str | None = None,
        since: str | None = None,
    ) -> list[AuditRecord]:
        """Give the newest records first, narrowed by kind, principal and ISO time."""
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
        """
        faults: list[AuditFault] = []
        noted = self._read_head()  # first: the chain may grow while it is read
        marks = {checkpoint.seq: checkpoint.hash} if checkpoint and checkpoint.seq else {}
        count, previous, expected = 0, _START, 1
        for row in self._rows():
            faults += [AuditFault(row.seq, what) for what in self._faults(row, expected, previous)]
            if row.seq in marks and marks.pop(row.seq) != row.hash:
                faults.append(AuditFault(row.seq, "it is not the record that the checkpoint saw"))
            if noted and noted == (row.seq, noted[1]) and noted[1] != row.hash:
                faults.append(AuditFault(row.seq, "it is not the record that was written"))
            count, previous, expected = count + 1, row.hash, row.seq + 1
        faults += [AuditFault(seq, "the checkpoint saw it; the chain ends before it") for seq in marks]
        faults += self._end_faults(expected - 1, noted)
        return AuditVerification(records=count, last_hash=previous, faults=tuple(faults))

    def end(self) -> tuple[int, str]:
        """Give the last record's number and hash; 0 and zeros for a chain without one."""
        with self._store.reading() as connection:
            return _end(connection)

    def _insert(self, connection: Connection, event: AuditEvent) -> AuditRecord:
        last, previous = _end(connection)
        seq = last + 1
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        named: dict[str, Any] = {
            "seq": seq,
            "at": at,
            "kind": event.kind,
            "principal": event.principal,
            "purpose": event.purpose,
        }
        document = _canonical({**named, "details": event.details})
        digest = self._digest(previous, document)
        connection.execute(
            insert(audit_record).values(**named, document=document, previous_hash=previous, hash=digest)
        )
        return AuditRecord(**named, details=event.details, hash=digest)

    def _rows(self) -> Iterator[Row[Any]]:
        last = -1
        while True:
            query = (
                select(audit_record)
                .where(audit_record.c.seq > last)
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
                    seq, f"the file {self._head.name}, which holds the chain's end, is missing or damaged"
                )
        elif noted[0] > seq:
            yield AuditFault(noted[0], f"the chain ends at record {seq}, but was once this long")

    def _write_head(self, record: AuditRecord) -> None:
        """Note the chain's end, after the commit; of two processes the one that is ahead stands."""
        before = self._read_head()
        if self._head is None or (before and before[0] > record.seq):
            return
        fresh = self._head.with_name(f"{self._head.name}.{os.getpid()}.{threading.get_ident()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(_canonical([record.seq, record.hash]))
        fresh.replace(self._head)

    def _read_head(self) -> tuple[int, str] | None:
        try:
            seq, digest = json.loads(self._head.read_text("ascii")) if self._head else (0, "")
            return int(seq), str(digest)
        except (OSError, ValueError, TypeError):
            return None

    def _digest(self, previous: str, document: str) -> str:
        return hmac.new(self._key, f"{previous}\n{document}".encode(), hashlib.sha256).hexdigest()


def _end(connection: Connection) -> tuple[int, str]:
    query = select(audit_record.c.seq, audit_record.c.hash).order_by(audit_record.c.seq.desc()).limit(1)
    last = connection.execute(query).first()
    return (last.seq, last.hash) if last else (0, _START)


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
