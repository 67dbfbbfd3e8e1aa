"""What one connection has said so far: who it is, its settings, its transaction, what it has prepared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from lakeward.gateway.doors.postgres.errors import (
    FailedTransactionError,
    TooMuchError,
    UnknownNameError,
)
from lakeward.gateway.doors.postgres.rows import RowStream
from lakeward.gateway.doors.postgres.settings import DIALECT, PURPOSE, Marks, Settings
from lakeward.gateway.doors.postgres.statements import CloseCursor, Statement, Transaction
from lakeward.gateway.errors import NoPurposeError
from lakeward.gateway.identity.identity import Identity
from lakeward.gateway.service import Gateway
from lakeward.gateway.session import Limits, Session

MOST_PREPARED = 500
MOST_CHARACTERS = 8 << 20
"""Of all prepared statements of a connection together."""
MOST_PORTALS = 50
MOST_SAVEPOINTS = 100


@dataclass(slots=True)
class Prepared:
    """A statement that the client has parsed; None for an empty one."""

    statement: Statement | None
    oids: Sequence[int]
    described: tuple[Sequence[int], pa.Schema | None] | None = None

    @property
    def length(self) -> int:
        """How many characters it has."""
        return len(getattr(self.statement, "text", ""))


@dataclass(slots=True)
class Portal:
    """A statement with its parameters; `stream` once it runs."""

    statement: Statement | None
    parameters: Sequence[pa.Scalar] = ()
    formats: Sequence[int] = ()
    is_kept: bool = False
    stream: RowStream | None = None
    is_done: bool = False


@dataclass(slots=True)
class Conversation:
    """One connection's state; only that connection touches it."""

    gateway: Gateway
    identity: Identity
    settings: Settings
    limits: Limits | None = None
    status: str = "I"
    prepared: dict[str, Prepared] = field(default_factory=dict)
    portals: dict[str, Portal] = field(default_factory=dict)
    savepoints: list[tuple[str, Marks]] = field(default_factory=list)
    begun: Marks | None = None
    _session: Session | None = None

    def session(self) -> Session:
        """Give the session under the settings as they are now.

        Raises:
            NoPurposeError: No purpose was said, or none that a policy document declares.
        """
        purpose, dialect = self.settings.get(PURPOSE), self.settings.get(DIALECT).lower()
        limits = self.allowed()
        kept = self._session
        if kept is None or (kept.purpose, kept.dialect, kept.limits) != (purpose, dialect, limits):
            self._session = None
            if not purpose:
                raise NoPurposeError(self.gateway.policies.current().purposes)
            who = self.identity
            self._session = self.gateway.session(
                who.principal, purpose, dialect=dialect, limits=limits, groups=who.groups
            )
        assert self._session is not None  # noqa: S101  for the type checker
        return self._session

    def allowed(self) -> Limits:
        """Give what the principal may use, as things are now, and less where the client asks for less."""
        who, timeout = self.identity, self.settings.timeout
        limits = self.limits or self.gateway.limits_of(who.principal, who.groups)
        return replace(limits, seconds=min(timeout, limits.seconds)) if timeout else limits

    def require_going_on(self, statement: Statement | None) -> None:
        """Refuse what comes after a failure inside a transaction, but for its end.

        Raises:
            FailedTransactionError: It has failed.
        """
        ends = isinstance(statement, Transaction) and statement.act in {"commit", "rollback", "rollback-to"}
        if self.status == "E" and not ends and not isinstance(statement, CloseCursor):
            raise FailedTransactionError

    def failed(self) -> None:
        """Note that a statement failed."""
        if self.status == "T":
            self.status = "E"

    def keep_prepared(self, name: str, prepared: Prepared) -> None:
        """Keep a prepared statement; the one without a name takes the place of the one before.

        Raises:
            UnknownNameError: The name is taken.
            TooMuchError: There are too many.
        """
        if name and name in self.prepared:
            raise UnknownNameError("prepared statement", "42P05", exists=True)
        if len(self.prepared) >= MOST_PREPARED:
            raise TooMuchError(f"at most {MOST_PREPARED} prepared statements on a connection")
        others = sum(each.length for other, each in self.prepared.items() if other != name)
        if others + prepared.length > MOST_CHARACTERS:
            raise TooMuchError(f"prepared statements of {MOST_CHARACTERS:,} characters on a connection")
        self.prepared[name] = prepared

    def find_prepared(self, name: str) -> Prepared:
        """Give a prepared statement.

        Raises:
            UnknownNameError: There is none.
        """
        found = self.prepared.get(name)
        if found is None:
            raise UnknownNameError("prepared statement", "26000")
        return found

    def keep_portal(self, name: str, portal: Portal) -> None:
        """Keep a portal; the one without a name takes the place of the one before.

        Raises:
            UnknownNameError: The name is taken.
            TooMuchError: There are too many.
        """
        if name in self.portals:
            if name:
                raise UnknownNameError("cursor", "42P03", exists=True)
            self.close_portal(name)
        if len(self.portals) >= MOST_PORTALS:
            raise TooMuchError(f"at most {MOST_PORTALS} open cursors on a connection")
        self.portals[name] = portal

    def find_portal(self, name: str) -> Portal:
        """Give a portal.

        Raises:
            UnknownNameError: There is none.
        """
        found = self.portals.get(name)
        if found is None:
            raise UnknownNameError("cursor", "34000")
        return found

    def close_portal(self, name: str) -> None:
        """Close a portal and end its statement; one that is not there is closed already."""
        portal = self.portals.pop(name, None)
        if portal is not None and portal.stream is not None:
            portal.stream.close()

    def close_portals(self, *, all_of_them: bool = False) -> None:
        """Close the portals that end with a transaction, or all."""
        for name, portal in list(self.portals.items()):
            if all_of_them or not portal.is_kept:
                self.close_portal(name)

    def change_transaction(self, statement: Transaction) -> str:
        """Take a statement about transactions and give its tag.

        Raises:
            UnknownNameError: It names a savepoint that is not there.
        """
        match statement.act:
            case "begin":
                if self.status == "I":
                    self.status, self.begun = "T", self.settings.marks()
            case "commit" | "rollback":
                tag = "ROLLBACK" if self.status == "E" else statement.tag
                self._end_transaction(is_kept=tag != "ROLLBACK")
                return tag
            case "savepoint":
                self._savepoint(statement.name)
            case "release" | "rollback-to":
                self._back_to(statement)
            case "nothing":
                pass
        return statement.tag

    def _end_transaction(self, *, is_kept: bool) -> None:
        if self.begun is not None:
            if is_kept:
                self.settings.commit()
            else:
                self.settings.back_to(self.begun)
        self.status, self.begun = "I", None
        self.savepoints.clear()
        self.close_portals()

    def _savepoint(self, name: str) -> None:
        if len(self.savepoints) >= MOST_SAVEPOINTS:
            raise TooMuchError(f"at most {MOST_SAVEPOINTS} savepoints in a transaction")
        self.savepoints.append((name, self.settings.marks()))

    def _back_to(self, statement: Transaction) -> None:
        named = [at for at, (name, _) in enumerate(self.savepoints) if name == statement.name]
        if not named:
            raise UnknownNameError("savepoint", "3B001")
        at = named[-1]
        back = statement.act == "rollback-to"
        if back:
            self.settings.back_to(self.savepoints[at][1])
        del self.savepoints[at + 1 if back else at :]
        if back and self.status == "E":
            self.status = "T"

    def describe_all(self) -> Mapping[str, str]:
        """Give every setting, as SHOW ALL does."""
        return dict(self.settings.all())
