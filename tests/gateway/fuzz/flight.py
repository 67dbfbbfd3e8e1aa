"""Strange bytes for the Flight port: in its frames, in its calls, in its messages, in its Arrow."""

import re
import socket

from pyarrow import flight
from tests.gateway.fuzz.arrow import described, field, flight_data, messages_of, strange_batch
from tests.gateway.fuzz.drive import connect, read_to_end
from tests.gateway.fuzz.http2 import call, frame, grpc, opening, read_answers
from tests.gateway.fuzz.mutate import Mutator
from tests.gateway.fuzz.postgres import end, send

from lakeward.gateway.doors.flight.messages import pack, unpack

_SERVICE = b"/arrow.flight.protocol.FlightService/"
_HANDLE = re.compile(rb"TicketStatementQuery\x12.\n.([A-Za-z0-9_-]{43})", re.DOTALL)
_PIECES = (
    b"\x0a\xff\xff\xff\xff\x0f",
    b"\x0a\x7f",
    b"\x80" * 11,
    b"\xff\xff\xff\xff",
    b"\x08\x96\x01",
    b"\x0b",
    b"\x0c",
)
_TEXTS = (
    "SELECT code, score FROM clinic.visit", "SELECT 1 AS a", "SELECT memo FROM clinic.hidden", "",
    "SELECT * FROM clinic.visit", "SELECT 1/0 AS a", "DROP TABLE x", "((((", "SELECT $1::DATE AS a",
    "SELECT 1; SELECT 2", "SELECT $1 AS a",
)  # fmt: skip
Pairs = list[tuple[bytes, bytes]]


class Caller:
    """Somebody with a token: many calls a connection, several at once.

    Args:
        address: Where the door is.
        seed: Where chance begins.
        token: The token.
    """

    def __init__(self, address: tuple[str, int], seed: int, token: str) -> None:
        self._address, self._token, self._mutator = address, token.encode(), Mutator(seed, _PIECES)
        self._connection: socket.socket | None = None
        self._rest, self._stream = bytearray(), 1
        self._prepared = prepared(address, token)
        self._handles: list[bytes] = [b"x" * 43]

    def round(self) -> int:
        """See `Talker.round`."""
        if self._mutator.one_in(6):
            return self._strange_frames()
        if self._connection is None or self._stream > 10_000:
            self._open()
        assert self._connection is not None
        inputs = {self._next(): self._call() for _ in range(self._mutator.chance.randint(1, 10))}
        sent = {stream: call(stream, *each) for stream, each in inputs.items()}
        send(self._connection, b"".join(sent.values()))
        found = read_answers(self._connection, set(inputs), self._rest, sent)
        self._handles = [*self._handles, *_HANDLE.findall(bytes(found.body))][-20:]
        if not found.is_open:
            self.close()
        return len(found.over & set(inputs)) + (not found.is_open)

    def _open(self) -> None:
        self.close()
        self._connection = connect(self._address)
        self._connection.sendall(opening())
        self._rest, self._stream = bytearray(), 1

    def _next(self) -> int:
        self._stream += 2
        return self._stream

    def _strange_frames(self) -> int:
        """A conversation whose frames are not to be trusted; nothing comes after it."""
        mutator, sent = self._mutator, opening()
        for stream in range(1, 2 * mutator.chance.randint(1, 4), 2):
            said = call(stream, *self._call())
            place = mutator.chance.randrange(3)
            sent += mutator.some(said, 4) if place else strange_frame(mutator, stream) + said
        with connect(self._address) as connection:
            send(connection, sent)
            end(connection)
            read_to_end(connection, sent)
        return 1

    def _call(self) -> tuple[bytes, Pairs, bytes]:
        mutator = self._mutator
        path, messages = self._messages()
        if mutator.one_in(30):
            path = mutator.some(path).replace(b"\0", b"")
        strange = {3: 1, 4: 2}.get(mutator.chance.randrange(5), 0)
        coded = [grpc(mutator.some(each, strange)) for each in messages]
        if mutator.one_in(15):
            coded.append(
                grpc(
                    mutator.noise(),
                    length=mutator.chance.choice((0, 3, 1 << 20, -1)),
                    flag=mutator.chance.randrange(3),
                )
            )
        return _SERVICE + path, self._headers(), b"".join(coded)

    def _headers(self) -> Pairs:
        mutator = self._mutator
        shown = b"Bearer " + self._token
        given = [(b"authorization", shown), (b"x-lakeward-purpose", b"research")]
        match mutator.chance.randrange(12):
            case 0:
                given[0] = (b"authorization", _printable(mutator.some(shown)))
            case 1:
                given[1] = (b"x-lakeward-purpose", _printable(mutator.some(b"research")))
            case 2:
                odd = mutator.chance.choice(
                    (b"x-lakeward-dialect", b"grpc-encoding", b"grpc-timeout", b"authorization", b"x-bin")
                )
                given.append((odd, _printable(mutator.noise())))
            case 3:
                given.append(
                    (b"x-lakeward-dialect", mutator.chance.choice((b"postgres", b"spark", b"trino")))
                )
            case _:
                pass
        return given

    def _messages(self) -> tuple[bytes, list[bytes]]:
        """What is called, and with which messages."""
        mutator, chance = self._mutator, self._mutator.chance
        match chance.randrange(12):
            case 0 | 1 | 2:
                return chance.choice((b"GetFlightInfo", b"GetSchema")), [described(self._command())]
            case 3 | 4:
                handle = mutator.some(chance.choice(self._handles), 1)
                ticket = pack("TicketStatementQuery", statement_handle=handle)
                return b"DoGet", [field(1, ticket if not mutator.one_in(3) else mutator.some(ticket))]
            case 5:
                return b"DoAction", [self._action()]
            case 6 | 7 | 8 | 9:
                return b"DoPut", self._parameters()
            case 10:
                return b"Handshake", [b"\x08\x01" + field(2, mutator.noise())]
            case _:
                path = chance.choice((b"ListActions", b"ListFlights", b"DoExchange", b"PollFlightInfo"))
                return path, [mutator.noise() if path != b"DoExchange" else self._parameters()[0]]

    def _command(self) -> bytes:
        mutator, chance = self._mutator, self._mutator.chance
        match chance.randrange(6):
            case 0:
                text = mutator.some(chance.choice(_TEXTS).encode(), 1).decode("utf-8", "replace")
                made = pack("CommandStatementQuery", query=text)
            case 1:
                made = pack("CommandPreparedStatementQuery", prepared_statement_handle=self._prepared)
            case 2:
                kinds = {
                    "include_schema": mutator.one_in(20),
                    "table_types": ["TABLE"],
                    "table_name_filter_pattern": "%_v%",
                }
                made = pack("CommandGetTables", **kinds)
            case 3:
                made = pack("CommandGetSqlInfo", info=[0, 1, chance.randrange(1 << 32)])
            case 4:
                name = chance.choice(("CommandGetCatalogs", "CommandGetDbSchemas", "CommandGetTableTypes"))
                made = pack(name)
            case _:
                made = mutator.noise()
        return made if mutator.one_in(2) else mutator.some(made, 2)

    def _action(self) -> bytes:
        mutator, chance = self._mutator, self._mutator.chance
        kind = chance.choice(
            (
                b"ClosePreparedStatement",
                b"ClosePreparedStatement",
                b"CreatePreparedStatement",
                b"BeginTransaction",
            )
        )
        text = chance.choice(_TEXTS)
        body = {
            b"CreatePreparedStatement": pack("ActionCreatePreparedStatementRequest", query=text),
            b"ClosePreparedStatement": pack(
                "ActionClosePreparedStatementRequest", prepared_statement_handle=mutator.noise()
            ),
        }.get(kind, b"")
        return field(1, kind) + field(2, mutator.some(body, 2))

    def _parameters(self) -> list[bytes]:
        """Values of parameters as Arrow's own messages, one or the other of them not quite so."""
        mutator = self._mutator
        command = pack("CommandPreparedStatementQuery", prepared_statement_handle=self._prepared)
        batch = strange_batch(mutator)
        sent = [flight_data(*each) for each in messages_of(batch, mutator)]
        sent[0] = field(1, described(command)) + sent[0]
        return sent

    def close(self) -> None:
        """See `Talker.close`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def prepared(address: tuple[str, int], token: str) -> bytes:
    """The handle of a statement with a parameter."""
    shown = [(b"authorization", f"Bearer {token}".encode()), (b"x-lakeward-purpose", b"research")]
    options = flight.FlightCallOptions(headers=shown, timeout=60)
    action = flight.Action(
        "CreatePreparedStatement", pack("ActionCreatePreparedStatementRequest", query="SELECT $1 AS a")
    )
    with flight.connect(f"grpc+tcp://{address[0]}:{address[1]}") as client:
        made = next(iter(client.do_action(action, options)))
    handle: bytes = unpack(made.body.to_pybytes())[1]["prepared_statement_handle"]
    return handle


def strange_frame(mutator: Mutator, stream: int) -> bytes:
    """A frame of any kind, whole or not."""
    chance = mutator.chance
    made = frame(
        chance.randrange(12),
        chance.randrange(256),
        chance.choice((0, stream, stream + 1, 2**31 - 1)),
        mutator.noise(),
    )
    return mutator.some(made, 1)


def _printable(value: bytes) -> bytes:
    """What a header may hold, mostly."""
    return bytes(each for each in value if each >= 32)[:2_000]
