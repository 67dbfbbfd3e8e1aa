"""Running one statement of a conversation. Everything here may wait, so it is called in a thread."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from lakeward.catalog.errors import LakewardError
from lakeward.gateway.cancellation import Cancellation
from lakeward.gateway.doors.postgres import types as pg
from lakeward.gateway.doors.postgres.conversation import Conversation, Portal
from lakeward.gateway.doors.postgres.errors import NoTransactionError
from lakeward.gateway.doors.postgres.names import as_postgres_names
from lakeward.gateway.doors.postgres.pg_catalog.catalog import PgCatalog
from lakeward.gateway.doors.postgres.rows import RowStream, table_stream
from lakeward.gateway.doors.postgres.settings import DIALECT, PURPOSE, spelled
from lakeward.gateway.doors.postgres.statements import (
    CloseCursor,
    Copy,
    Declare,
    Fetch,
    Forget,
    Query,
    SetSetting,
    Show,
    Statement,
    Transaction,
)
from lakeward.gateway.identity.errors import UnauthenticatedError
from lakeward.gateway.identity.identities import Identities


@dataclass(frozen=True, slots=True)
class Started:
    """A statement that runs.

    Attributes:
        tag: What CommandComplete says; for one with rows, what stands before their number.
        stream: Its rows; None for a statement without.
        most: How many of them to send; None for all.
        is_copy: Whether they go out as a binary COPY.
        reports: Settings that the client is to be told of.
    """

    tag: str
    stream: RowStream | None = None
    most: int | None = None
    is_copy: bool = False
    reports: Sequence[tuple[str, str]] = ()


class Runner:
    """Runs the statements of one conversation."""

    def __init__(self, conversation: Conversation, identities: Identities) -> None:
        self._talk, self._identities = conversation, identities
        self._catalog = PgCatalog(conversation)
        self._ending = Cancellation()

    def begin(self) -> None:
        """Begin a message: what `cancel` ends from now on is what it asks for."""
        self._ending = Cancellation()

    def cancel(self, why: LakewardError) -> None:
        """End the statement that runs, from any thread, also before its first row is there."""
        self._ending.cancel(why)

    def start(  # noqa: PLR0911  one for each kind of statement
        self, statement: Statement, parameters: Sequence[pa.Scalar] = ()
    ) -> Started:
        """Run a statement up to its first row.

        Raises:
            LakewardError: It is refused or has failed.
        """
        self._identities.require_valid(self._talk.identity)
        match statement:
            case Query():
                return Started("SELECT", self._query(statement.text, parameters))
            case Copy():
                return Started("COPY", self._query(statement.text, parameters), is_copy=True)
            case Declare():
                return self._declare(statement, parameters)
            case Fetch():
                return self._fetch(statement)
            case Show():
                return Started("SHOW", self._show(statement.name))
            case SetSetting():
                return self._set(statement)
            case Transaction():
                return self._transaction(statement)
            case _:
                return Started(self._command(statement))

    def _query(self, text: str, parameters: Sequence[pa.Scalar]) -> RowStream:
        """Start a query that its principal's sign-in can end until its stream is closed.

        A stream may wait for its client between two portions, longer than anybody looks at one of them.
        """
        ending, held = self._ending, ExitStack()  # closed with the stream
        sign_out = partial(ending.cancel, UnauthenticatedError())
        with ExitStack() as failing:
            failing.callback(held.close)
            held.enter_context(self._identities.guarding(self._talk.identity, sign_out))
            if self._catalog.is_asked(text):
                stream = self._catalog.answer(text, parameters, close=held.close, check=ending.check)
            else:
                gateway, session = self._talk.gateway, self._talk.session()
                answer = gateway.execute(session, text, parameters=parameters, cancellation=ending)
                held.callback(answer.close)
                schema = as_postgres_names(answer.schema, text, session.dialect)
                stream = RowStream(
                    schema, answer.batches, close=held.close, cancel=answer.cancel, check=ending.check
                )
            failing.pop_all()
        return stream

    def describe(
        self, statement: Statement | None, oids: Sequence[int]
    ) -> tuple[Sequence[int], pa.Schema | None]:
        """Say which parameters a statement takes and which columns it gives, without running it.

        Raises:
            LakewardError: It is refused.
        """
        self._identities.require_valid(self._talk.identity)
        match statement:
            case Query() | Copy() | Declare():
                found, schema = self._describe(statement.text, oids)
                return found, schema if isinstance(statement, Query) else None
            case Show():
                return oids, self._show(statement.name).schema
            case Fetch(moves=False):
                stream = self._talk.find_portal(statement.name).stream
                return oids, stream.schema if stream else None
            case _:
                return oids, None

    def _describe(self, text: str, oids: Sequence[int]) -> tuple[Sequence[int], pa.Schema]:
        if self._catalog.is_asked(text):
            return self._catalog.describe(text, oids)
        kinds = [pg.parameter_type(oid) for oid in oids]
        session = self._talk.session()
        found = self._talk.gateway.describe(session, text, parameters=kinds)
        said = list(oids) + [0] * (len(found.parameters) - len(oids))
        pairs = zip(said, found.parameters, strict=False)
        return [oid or pg.parameter_oid(kind) for oid, kind in pairs], as_postgres_names(
            found.schema, text, session.dialect
        )

    def _declare(self, statement: Declare, parameters: Sequence[pa.Scalar]) -> Started:
        portal = Portal(Query(statement.text), parameters, is_kept=statement.is_kept)
        self._talk.keep_portal(statement.name, portal)
        try:
            portal.stream = self._query(statement.text, parameters)
        except BaseException:
            self._talk.close_portal(statement.name)
            raise
        return Started("DECLARE CURSOR")

    def _fetch(self, statement: Fetch) -> Started:
        stream = self._talk.find_portal(statement.name).stream
        if stream is None:
            return Started("FETCH 0")
        if not statement.moves:
            return Started("FETCH", stream, most=statement.rows)
        moved = 0
        while statement.rows is None or moved < statement.rows:
            left = None if statement.rows is None else statement.rows - moved
            piece = stream.take([0] * len(stream.columns), left)
            moved += piece.rows
            if piece.is_last or not piece.rows:
                break
        return Started(f"MOVE {moved}")

    def _show(self, name: str | None) -> RowStream:
        if name is not None:
            value = self._talk.settings.get(name)
            return table_stream(pa.table({spelled(name): pa.array([value], pa.string())}))
        names, values = zip(*self._talk.settings.all(), strict=True)
        columns = {"name": names, "setting": values, "description": [""] * len(names)}
        return table_stream(pa.table({key: pa.array(each, pa.string()) for key, each in columns.items()}))

    def _set(self, statement: SetSetting) -> Started:
        settings, name, is_local = self._talk.settings, statement.name, statement.is_local
        if is_local and self._talk.status == "I":
            raise NoTransactionError
        if name is None or statement.value is None:
            settings.reset(name, is_local=is_local)
            changed = list(settings.reported()) if name is None else []
            return Started(statement.tag, reports=changed)
        before = settings.marks()
        is_reported = settings.set(name, statement.value, is_local=is_local)
        try:
            if name in {PURPOSE, DIALECT} and settings.get(PURPOSE):
                self._talk.session()  # asks whether the purpose is declared
        except BaseException:
            settings.back_to(before)
            raise
        return Started(statement.tag, reports=[(spelled(name), settings.get(name))] if is_reported else [])

    def _transaction(self, statement: Transaction) -> Started:
        before = set(self._talk.settings.reported())
        tag = self._talk.change_transaction(statement)
        return Started(tag, reports=[each for each in self._talk.settings.reported() if each not in before])

    def _command(self, statement: Statement) -> str:
        talk = self._talk
        match statement:
            case CloseCursor():
                if statement.name is None:
                    talk.close_portals(all_of_them=True)
                else:
                    talk.find_portal(statement.name)
                    talk.close_portal(statement.name)
                return "CLOSE CURSOR" + (" ALL" if statement.name is None else "")
            case Forget():
                return self._forget(statement)
            case _:
                raise TypeError(statement)

    def _forget(self, statement: Forget) -> str:
        talk = self._talk
        if statement.name is None:
            talk.prepared.clear()
            if statement.tag == "DISCARD ALL":
                talk.close_portals(all_of_them=True)
                talk.settings.reset()
            return statement.tag if statement.tag != "DEALLOCATE" else "DEALLOCATE ALL"
        talk.find_prepared(statement.name)
        del talk.prepared[statement.name]
        return statement.tag

    def close(self) -> None:
        """End whatever still runs."""
        self._talk.close_portals(all_of_them=True)
        self._catalog.close()
