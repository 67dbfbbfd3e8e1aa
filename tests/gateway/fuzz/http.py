"""Strange bytes for the HTTP port: requests that keep their frame, and such that do not."""

import base64
import json
import socket
from collections.abc import Sequence

from tests.gateway.fuzz.clinic import random_source
from tests.gateway.fuzz.drive import HungError, check, connect, read_to_end
from tests.gateway.fuzz.mutate import Mutator
from tests.gateway.fuzz.postgres import end, send

_PIECES = (
    b"content-length: -1\r\n", b"content-length: 99999999999999999999\r\n", b"transfer-encoding: chunked\r\n",
    b"expect: 100-continue\r\n", b"upgrade: websocket\r\n", b"FFFFFFFFFFFFFFFF\r\n", b"HTTP/9.9",
    b"A" * 40_000, b"authorization: \r\n", b"x-lakeward-purpose: \xe9\r\n",
    b"\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\n\r\n",
)  # fmt: skip
_VALUES: tuple[object, ...] = (
    None,
    True,
    1,
    -1,
    1e308,
    "",
    "x" * 5_000,
    [],
    {},
    [[[]]],
    "ada",
    10**40,
    {"type": "date", "value": "2024-02-30"},
)
_SQL = (
    "SELECT code, score FROM clinic.visit", "SELECT 1", "SELECT memo FROM clinic.hidden", "SELECT ?",
    "SELECT $1", "SELECT * FROM clinic.visit", "SELECT 1/0", "((((", "DROP TABLE x", "",
)  # fmt: skip
_TARGETS = (
    b"POST /v1/query", b"POST /v1/query", b"POST /v1/query", b"POST /v1/explain", b"GET /v1/tables",
    b"GET /health", b"GET /ready", b"GET /metrics", b"GET /openapi.json", b"DELETE /v1/statements/0123",
    b"PUT /v1/query",
    b"OPTIONS *", b"GET /../../etc/passwd", b"HEAD /health", b"TRACE /",
)  # fmt: skip
_RAW = (
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /health\r\n\r\n",
)
Headers = list[tuple[bytes, bytes]]


class Requester:
    """Somebody with a token: many requests a connection; and strangers, one a connection."""

    def __init__(self, address: tuple[str, int], seed: int, token: str) -> None:
        self._address, self._token, self._mutator = address, token.encode(), Mutator(seed, _PIECES)
        self._connection: socket.socket | None = None
        self._rest = bytearray()

    def round(self) -> int:
        """See `Talker.round`."""
        if self._mutator.one_in(3):
            return self._unframed()
        if self._connection is None:
            self._rest = bytearray()
            self._connection = connect(self._address, source=random_source(self._mutator.chance))
        inputs = [self._request() for _ in range(self._mutator.chance.randint(1, 8))]
        send(self._connection, b"".join(inputs))
        heads = [each.startswith(b"HEAD") for each in inputs]
        taken, is_open = read_responses(self._connection, heads, self._rest, inputs)
        if not is_open:
            self.close()
        return taken

    def _unframed(self) -> int:
        """What may be no request at all; nothing comes after it."""
        mutator = self._mutator
        made = b"".join(self._request() for _ in range(mutator.chance.randint(1, 2)))
        sent = mutator.some(mutator.chance.choice(_RAW) if mutator.one_in(8) else made, 4)
        sent = sent if not mutator.one_in(15) else mutator.noise()
        with connect(self._address, source=random_source(mutator.chance)) as connection:
            send(connection, sent)
            answer = b"" if not mutator.one_in(10) else _a_little(connection)
            end(connection)
            whole = read_to_end(connection, sent, answer)
        check_status(whole, sent)
        return 1

    def _request(self) -> bytes:
        """A request whose frame is right, whatever is in its fields and its body."""
        mutator = self._mutator
        target = mutator.chance.choice(_TARGETS)
        if mutator.one_in(8):
            verb, _, path = target.partition(b" ")
            target = verb + b" " + (_visible(mutator.some(path)) or b"/")
        body = self._body() if target.startswith((b"POST", b"PUT")) else b""
        headers = [(b"host", b"x"), (b"content-length", b"%d" % len(body)), *self._headers()]
        head = target + b" HTTP/1.1\r\n" + b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        return head + b"\r\n" + body

    def _headers(self) -> Headers:
        mutator, chance = self._mutator, self._mutator.chance
        proofs = (
            b"Bearer " + self._token, b"Bearer " + self._token, b"Bearer " + self._token,
            b"Basic " + base64.b64encode(b"u%x:wrong" % chance.randrange(5_000)), b"Digest x",
            b"Bearer eyJ.eyJ.x",
        )  # fmt: skip
        given = [
            (b"authorization", chance.choice(proofs)),
            (b"x-lakeward-purpose", chance.choice((b"research", b"research", b"quality", b"other"))),
            (b"content-type", chance.choice((b"application/json",) * 5 + (b"text/plain",))),
            (
                b"accept",
                chance.choice((b"*/*", b"application/vnd.apache.arrow.stream", b"application/json;q=0.1")),
            ),
        ]
        if mutator.one_in(3):
            place = chance.randrange(len(given))
            given[place] = (given[place][0], _field(mutator.some(given[place][1])))
        if mutator.one_in(10):
            given.append((b"x-" + _visible(mutator.noise())[:20].replace(b":", b""), _field(mutator.noise())))
        return [each for each in given if not mutator.one_in(20)]

    def _body(self) -> bytes:
        mutator, chance = self._mutator, self._mutator.chance
        asked: dict[str, object] = {"sql": chance.choice(_SQL)}
        if mutator.one_in(3):
            name = chance.choice(
                ("sql", "parameters", "dialect", "at", "id", "strange", "parameters", "parameters")
            )
            asked[name] = chance.choice(
                ([chance.choice(_VALUES)], chance.choice(_VALUES), "postgres", "0" * 32)
            )
        made = json.dumps(asked).encode()
        return mutator.some(made, 2) if mutator.one_in(2) else made

    def close(self) -> None:
        """See `Talker.close`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _visible(value: bytes) -> bytes:
    """What may stand in a path."""
    return bytes(each for each in value if 33 <= each <= 126)[:1_000]


def _field(value: bytes) -> bytes:
    """What may stand in a field of a head."""
    return bytes(each for each in value if each >= 32 and each != 127)[:2_000].strip()


def _a_little(connection: socket.socket) -> bytes:
    """What comes at once."""
    connection.settimeout(0.05)
    try:
        return connection.recv(1 << 16)
    except OSError:
        return b""
    finally:
        connection.settimeout(30.0)


def read_responses(
    connection: socket.socket, heads: Sequence[bool], rest: bytearray, sent: object
) -> tuple[int, bool]:
    """Read a response for each request; how many came, and whether more may be asked."""
    for number, is_head in enumerate(heads):
        while (length := response_length(rest, is_head=is_head)) is None:
            try:
                chunk = connection.recv(1 << 16)
            except TimeoutError:
                raise HungError(sent, number, bytes(rest[:2_000])) from None
            except OSError:
                chunk = b""
            if not chunk:
                check(bytes(rest), sent)
                return number + 1, False
            rest += chunk
        whole = check(bytes(rest[:length]), sent)
        check_status(whole, sent)
        del rest[:length]
        if b"\r\nconnection: close\r\n" in whole.lower():
            read_to_end(connection, sent, bytes(rest))
            return number + 1, False
    return len(heads), True


def response_length(got: bytearray, *, is_head: bool) -> int | None:
    """How many bytes the first response has; None when it is not whole."""
    end_of_head = got.find(b"\r\n\r\n") + 4
    if end_of_head == 3:
        return None
    head = bytes(got[:end_of_head]).lower()
    if is_head or head.startswith((b"http/1.1 204", b"http/1.1 304")):
        return end_of_head
    if b"\r\ntransfer-encoding: chunked\r\n" in head:
        return _chunks_end(got, end_of_head)
    if b"\r\ncontent-length: " not in head:
        assert b"\r\nconnection: close\r\n" in head, got
        return end_of_head
    length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
    return end_of_head + length if len(got) >= end_of_head + length else None


def _chunks_end(got: bytearray, at: int) -> int | None:
    while (line := got.find(b"\r\n", at)) >= 0:
        size = int(got[at:line], 16)
        at = line + 4 + size
        if size == 0:
            return at if len(got) >= at else None
    return None


def check_status(answer: bytes, sent: object) -> None:
    """What comes back is HTTP, and nothing that nobody foresaw."""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 "), (sent, answer)
    assert not answer.startswith(b"HTTP/1.1 500"), (sent, answer)
