"""The calls of Flight that Flight SQL is made of."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pyarrow as pa
from pyarrow import flight

from lakeward.gateway.answer import Description
from lakeward.gateway.doors.door import DoorContext
from lakeward.gateway.doors.flight.errors import FlightRequestError, UnknownHandleError
from lakeward.gateway.doors.flight.faults import told
from lakeward.gateway.doors.flight.handles import Handles
from lakeward.gateway.doors.flight.listing import Fields, listing, schema_of
from lakeward.gateway.doors.flight.messages import bare, pack, unpack, unpack_one
from lakeward.gateway.doors.flight.plain import plain_schema
from lakeward.gateway.doors.flight.sign_in import MIDDLEWARE, Caller, NoHandshake, SignIn
from lakeward.gateway.doors.flight.statements import Asked, FlightStatement, Running, session_of
from lakeward.gateway.errors import StatementCancelledError
from lakeward.gateway.identity.errors import UnauthenticatedError

_CREATE, _CLOSE = "CreatePreparedStatement", "ClosePreparedStatement"
_ANSWERED_BY = "ActionCreatePreparedStatementResult"
_SECONDS_TO_FETCH = 60.0
_SECONDS_PREPARED = 3600.0
_MOST_OF_ONE = 200  # tickets, and prepared statements, of one owner
_MOST_PARAMETERS = 1_000
_MOST_PARAMETER_BYTES = 1 << 24


class FlightServer(flight.FlightServerBase):  # type: ignore[misc]
    """Answers from the moment that it is made."""

    def __init__(self, context: DoorContext, location: str, certificates: list[tuple[bytes, bytes]]) -> None:
        self._context = context
        self.running = Running()
        self._prepared: Handles[list[Asked]] = Handles(_SECONDS_PREPARED, _MOST_OF_ONE)
        self._tickets: Handles[Asked | tuple[str, Fields]] = Handles(_SECONDS_TO_FETCH, _MOST_OF_ONE)
        super().__init__(
            location,
            auth_handler=NoHandshake(),
            tls_certificates=certificates or None,
            middleware={MIDDLEWARE: SignIn(context)},
        )

    def get_flight_info(
        self, context: flight.ServerCallContext, descriptor: flight.FlightDescriptor
    ) -> flight.FlightInfo:
        """Describe a statement or a listing, and hand out the ticket to fetch it with."""
        with told(self._context):
            caller = _caller(context)
            asked, schema = self._asked(caller, descriptor)
            handle = self._tickets.keep(caller.owner, asked)
            ticket = flight.Ticket(pack("TicketStatementQuery", statement_handle=handle))
            return flight.FlightInfo(schema, descriptor, [flight.FlightEndpoint(ticket, [])], -1, -1)

    def get_schema(
        self, context: flight.ServerCallContext, descriptor: flight.FlightDescriptor
    ) -> flight.SchemaResult:
        """Describe a statement or a listing."""
        with told(self._context):
            return flight.SchemaResult(self._asked(_caller(context), descriptor)[1])

    def do_get(self, context: flight.ServerCallContext, ticket: flight.Ticket) -> flight.FlightDataStream:
        """Fetch what a ticket stands for, once."""
        with told(self._context):
            caller = _caller(context)
            fields = unpack_one(ticket.ticket, "TicketStatementQuery")
            asked = self._tickets.take(caller.owner, fields.get("statement_handle", b""))
            if asked is None:
                raise UnknownHandleError
            if not isinstance(asked, Asked):
                session = session_of(self._context, caller)
                return flight.RecordBatchStream(listing(self._context.gateway, session, *asked))
            statement = FlightStatement(self._context, self.running, caller, asked)
            schema = statement.begin(context.is_cancelled)
            return flight.GeneratorStream(schema, statement.batches())

    def do_action(self, context: flight.ServerCallContext, action: flight.Action) -> Iterator[bytes]:
        """Prepare a statement, or let go of one."""
        with told(self._context):
            caller, kind, body = _caller(context), _kind(action), action.body.to_pybytes()
            if kind == _CREATE:
                return iter([self._prepare(caller, unpack_one(body, "ActionCreatePreparedStatementRequest"))])
            if kind == _CLOSE:
                fields = unpack_one(body, "ActionClosePreparedStatementRequest")
                self._prepared.take(caller.owner, fields.get("prepared_statement_handle", b""))
                return iter([])
            raise FlightRequestError("this door knows no such action")

    def list_flights(
        self, _context: flight.ServerCallContext, _criteria: bytes
    ) -> Iterator[flight.FlightInfo]:
        """Refuse: Flight SQL lists tables by messages."""
        with told(self._context):
            raise FlightRequestError("this door lists no flights")

    def do_exchange(
        self, _context: flight.ServerCallContext, _descriptor: object, _reader: object, _writer: object
    ) -> None:
        """Refuse: no part of Flight SQL that this door does."""
        with told(self._context):
            raise FlightRequestError("this door exchanges nothing")

    def list_actions(self, _context: flight.ServerCallContext) -> list[tuple[str, str]]:
        """Say what `do_action` does."""
        return [(_CREATE, "Describe a statement."), (_CLOSE, "Let go of a statement.")]

    def do_put(
        self,
        context: flight.ServerCallContext,
        descriptor: flight.FlightDescriptor,
        reader: flight.MetadataRecordBatchReader,
        writer: flight.FlightMetadataWriter,
    ) -> None:
        """Take the values of a prepared statement's parameters: one row of them."""
        with told(self._context):
            caller = _caller(context)
            fields = unpack_one(descriptor.command or b"", "CommandPreparedStatementQuery")
            prepared = self._find(caller, fields)
            values = _one_row(reader)
            text = prepared[0].text
            schema = self._describe(caller, text, [each.type for each in values]).schema
            prepared[0] = prepared[0].bound(values, schema)
            handle = fields["prepared_statement_handle"]
            with _ended_by_its_client():
                writer.write(bare("DoPutPreparedStatementResult", prepared_statement_handle=handle))

    def _asked(
        self, caller: Caller, descriptor: flight.FlightDescriptor
    ) -> tuple[Asked | tuple[str, Fields], pa.Schema]:
        command, fields = unpack(descriptor.command or b"")
        if command == "CommandStatementQuery":
            _no_transaction(fields)
            text = fields.get("query", "")
            asked = Asked(text, self._describe(caller, text).schema)
            return asked, asked.schema
        if command == "CommandPreparedStatementQuery":
            session_of(self._context, caller)
            asked = self._find(caller, fields)[0]
            return asked, asked.schema
        if (schema := schema_of(command, fields)) is None:
            raise FlightRequestError("its message is no query")
        session_of(self._context, caller)
        return (command, fields), schema

    def _prepare(self, caller: Caller, fields: dict[str, Any]) -> bytes:
        _no_transaction(fields)
        text = fields.get("query", "")
        found = self._describe(caller, text)
        handle = self._prepared.keep(caller.owner, [Asked(text, found.schema)])
        parameters = pa.schema([pa.field(f"${n}", kind) for n, kind in enumerate(found.parameters, 1)])
        return pack(
            _ANSWERED_BY,
            prepared_statement_handle=handle,
            dataset_schema=found.schema.serialize().to_pybytes(),
            parameter_schema=parameters.serialize().to_pybytes(),
        )

    def _describe(self, caller: Caller, text: str, kinds: Sequence[pa.DataType] = ()) -> Description:
        session = session_of(self._context, caller)
        found = self._context.gateway.describe(session, text, parameters=kinds)
        return replace(found, schema=plain_schema(found.schema))

    def _find(self, caller: Caller, fields: dict[str, Any]) -> list[Asked]:
        found = self._prepared.of(caller.owner, fields.get("prepared_statement_handle", b""))
        if found is None:
            raise UnknownHandleError
        return found


def _caller(context: flight.ServerCallContext) -> Caller:
    """Give who calls.

    Raises:
        UnauthenticatedError: Nobody has looked.
    """
    signed_in = context.get_middleware(MIDDLEWARE)
    if signed_in is None:
        raise UnauthenticatedError
    caller: Caller = signed_in.caller
    return caller


@contextmanager
def _ended_by_its_client() -> Iterator[None]:
    """Say of an answer that cannot be sent that nobody waits for it any more.

    Raises:
        StatementCancelledError: It cannot.
    """
    try:
        yield
    except (OSError, pa.ArrowException):
        raise StatementCancelledError from None


def _kind(action: flight.Action) -> str:
    """Give the name of an action; none for one whose name is no text."""
    try:
        return str(action.type)
    except UnicodeDecodeError:
        return ""


def _no_transaction(fields: dict[str, Any]) -> None:
    if fields.get("transaction_id"):
        raise FlightRequestError("this door has no transactions")


def _one_row(reader: flight.MetadataRecordBatchReader) -> list[pa.Scalar]:
    """Read one row of values; it stops at the second.

    Raises:
        FlightRequestError: It is another number of rows, or something else.
    """
    row: list[pa.Scalar] | None = None
    for columns in _sound(reader):
        if row is not None or any(len(each) > 1 for each in columns):
            raise FlightRequestError("parameters are one row of values")
        row = [each[0] for each in columns]
    if row is None:
        raise FlightRequestError("parameters are one row of values")
    return row


def _sound(reader: flight.MetadataRecordBatchReader) -> Iterator[list[pa.Array]]:
    """Give the columns of a client's rows when every length and offset in them stays inside.

    Arrow believes them: one that points further would read the gateway's own memory into a parameter.

    Raises:
        FlightRequestError: One does not, or there is too much of them.
    """
    try:
        if len(reader.schema) > _MOST_PARAMETERS:
            raise FlightRequestError(f"a statement may have {_MOST_PARAMETERS} parameters")
        for chunk in reader:
            if chunk.data is None or chunk.data.num_rows == 0:
                continue
            chunk.data.validate(full=True)
            if chunk.data.nbytes > _MOST_PARAMETER_BYTES:
                raise FlightRequestError(f"parameters may have {_MOST_PARAMETER_BYTES} bytes")
            yield chunk.data.columns
    except (pa.ArrowException, OSError, ValueError):  # a name that is no text, among others
        raise FlightRequestError("its parameters are no sound Arrow") from None
